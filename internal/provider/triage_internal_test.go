package provider

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// TestTriageEqualsFramework encodes random detections with a triage. Decoded with
// the schema's type, they are the values that the framework makes of them.
func TestTriageEqualsFramework(t *testing.T) {
	t.Parallel()
	const cases = 500
	seed := rand.Uint64()
	for n := range uint64(cases) {
		random := rand.New(rand.NewPCG(seed, n))
		d := triaged(random)
		value, diags := referenceValue(d)
		if diags.HasError() {
			t.Fatalf("seed %d, case %d: the reference reports %v, want nothing", seed, n, diags)
		}
		want, err := value.ToTerraformValue(t.Context())
		if err != nil {
			t.Fatalf("seed %d, case %d: value of the reference: %v", seed, n, err)
		}
		encoded := tfprotov6.DynamicValue{MsgPack: wire.AppendAlert(nil, d)}
		got, err := encoded.Unmarshal(alertsAttribute().NestedObject.Type().TerraformType(t.Context()))
		if err != nil {
			t.Fatalf("seed %d, case %d: decoding %x: %v", seed, n, encoded.MsgPack, err)
		}
		differences, err := want.Diff(got)
		if err != nil {
			t.Fatalf("seed %d, case %d: Diff: %v", seed, n, err)
		}
		if len(differences) > 0 {
			t.Fatalf("seed %d, case %d: the encoded detection differs from the reference: %v", seed, n, differences)
		}
	}
}

// triaged returns a detection with some fields of each table set.
func triaged(random *rand.Rand) *alert.Detection {
	d := &alert.Detection{HasTriage: random.IntN(4) > 0}
	texts := []string{"", "new", "a;b,c", "e\u0301", " x ", "\n\x00"}
	set := func(index int, kind alert.Kind) {
		text := []byte(texts[random.IntN(len(texts))])
		switch kind {
		case alert.KindText:
			d.SetText(index, text)
		case alert.KindList:
			elements := make([][]byte, random.IntN(20))
			for i := range elements {
				elements[i] = fmt.Appendf(nil, "%s%d", text, i)
			}
			d.SetList(index, elements)
		default:
		}
	}
	for i, field := range alert.Fields {
		if random.IntN(3) == 0 {
			set(i, field.Kind)
		}
	}
	if d.HasTriage {
		for i, field := range alert.Triage {
			if random.IntN(2) == 0 {
				set(len(alert.Fields)+i, field.Kind)
			}
		}
	}
	return d
}
