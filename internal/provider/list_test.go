package provider_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// TestListEqualsFramework reads random responses with the provider and with a
// reference that leaves the list to the framework. Decoded with the schema's
// type, the states are equal.
func TestListEqualsFramework(t *testing.T) {
	t.Parallel()
	const responses = 50
	fake := startFake(t, fakeapi.Options{})
	ours := configured(t, fake, values{"timeout": "1m"})
	reference := newClientOf(t, provider.NewReferenceServer(environment(nil)))
	if found := reference.configure(block(fake, nil)); len(found) > 0 {
		t.Fatalf("configure of the reference reports %q, want nothing", found)
	}
	seed := rand.Uint64()
	for n := range uint64(responses) {
		random := rand.New(rand.NewPCG(seed, n))
		body := randomResponse(t, random, n == 0)
		fake.ServeBody(body)
		got, found := ours.readValue(t.Context(), "mdatp_alerts", nil)
		want, wantFound := reference.readValue(t.Context(), "mdatp_alerts", nil)
		if fmt.Sprint(found) != fmt.Sprint(wantFound) {
			t.Fatalf("seed %d, response %d: read reports %q, want %q", seed, n, found, wantFound)
		}
		if got.IsNull() {
			t.Fatalf("seed %d, response %d: state = null, want %s", seed, n, want)
		}
		differences, err := want.Diff(got)
		if err != nil {
			t.Fatalf("seed %d, response %d: Diff: %v", seed, n, err)
		}
		if len(differences) > 0 {
			t.Fatalf("seed %d, response %d: the state differs from the reference: %v\nresponse: %.2000s",
				seed, n, differences, body)
		}
	}
}

// randomResponse returns a response of up to 8 detections. A large one has more
// than the short form of MessagePack's arrays holds, some with a text of 1 MB.
func randomResponse(t *testing.T, random *rand.Rand, large bool) []byte {
	t.Helper()
	n := random.IntN(9)
	if large {
		n = 20
	}
	records := make([]map[string]any, n)
	for i := range records {
		record := map[string]any{
			"AlertId":              fmt.Sprintf("a%d", random.IntN(5)),
			"Severity":             pick(random, "Low", "High", "medium", "Informational", "Ünknown", "e\u0301"),
			"LastProcessedTimeUtc": fmt.Sprintf("2026-11-03T11:%02d:%02d.5Z", random.IntN(60), random.IntN(60)),
		}
		records[i] = record
		for _, field := range alert.Fields {
			if _, required := record[field.Key]; !required && random.IntN(3) > 0 {
				record[field.Key] = randomValue(random, field.Kind)
			}
		}
		if random.IntN(2) == 0 {
			record[fmt.Sprintf("New%d%s", i, randomText(random))] = randomJSON(random, 3)
			record["Newe\u0301"] = randomText(random)
		}
		if large && i < 3 {
			record["CommandLine"] = strings.Repeat("\u212b", 22_000) // 65,536 bytes and more
			record["Description"] = strings.Repeat("1 MB of \u00e9, e\u0301 and \"\x00\x1b", 50_000)
		}
	}
	body, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

func randomValue(random *rand.Rand, kind alert.Kind) any {
	if random.IntN(5) == 0 {
		return pick[any](random, nil, "")
	}
	switch kind {
	case alert.KindNumber:
		n := pick(random, 0, 1, -1, 31, 32, 127, 128, -32, -33, -129, 255, 256, 65535, 65536, math.MinInt32, math.MaxUint32,
			1<<53+1, -1<<53-1, math.MaxInt64, math.MinInt64, random.Int64(), -random.Int64())
		return pick[any](random, n, fmt.Sprint(n))
	case alert.KindBool:
		return pick[any](random, true, false, "true", "False")
	case alert.KindList:
		parts := make([]string, random.IntN(20))
		for i := range parts {
			parts[i] = randomText(random)
		}
		return strings.Join(parts, pick(random, ";", ",", " ; ", ";;"))
	}
	return randomText(random)
}

// alphabet holds texts that Unicode normal forms, MessagePack, JSON and Terraform
// treat specially.
var alphabet = []string{"a", "Z", "0", " ", "\n", "\r\n", "\t", "\x00", "\x1b[31m", `"`, `\`, "<", "${", "%{",
	"é", "e\u0301",
	"\u0301", "\u1100\u1161", "각", "Å", "\u212b", "ﬁ", "\u200f", "\u202e", "\ufeff", "\ufffd", "\uffff",
	"💥", "\U0010ffff",
	"::error::", "\u0344", "\u2126", "👩‍👩‍👧", "ß", "\u0e33"}

func randomText(random *rand.Rand) string {
	length := random.IntN(12)
	if random.IntN(10) == 0 {
		length = pick(random, 31, 32, 255, 256, 300)
	}
	var b strings.Builder
	for b.Len() < length {
		b.WriteString(pick(random, alphabet...))
	}
	return b.String()
}

func randomJSON(random *rand.Rand, depth int) any {
	if depth == 0 {
		return pick[any](random, randomText(random), random.NormFloat64(), random.Int64(), true, nil)
	}
	switch random.IntN(3) {
	case 0:
		return []any{randomJSON(random, depth-1), randomJSON(random, depth-1)}
	case 1:
		return map[string]any{randomText(random): randomJSON(random, depth-1), "k": nil}
	}
	return randomJSON(random, 0)
}

// TestListTooLarge refuses a list that Terraform would not accept: beyond the
// provider's own limit Terraform shows an error of the plugin protocol.
func TestListTooLarge(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 50, NoDefaultWindow: true, Now: atNoon})
	read := func(maxState int) (tftypes.Value, []string) {
		c := newClientOf(t, provider.NewBoundedServer(environment(nil), maxState))
		if found := c.configure(block(fake, nil)); len(found) > 0 {
			t.Fatalf("configure reports %q, want nothing", found)
		}
		return c.readValue(t.Context(), "mdatp_alerts", nil)
	}
	state, found := read(64 << 10)
	if !state.IsNull() {
		t.Errorf("read of at most 64 KiB = %s, want null", state)
	}
	checkFinding(t, "read of at most 64 KiB", found, "error: Too many alerts for one read: The ")
	for size := 1 << 20; size > 0; size /= 8 { // every size has a whole state or none
		state, found := read(size)
		if got, want := state.IsNull(), len(found) == 1; got != want {
			t.Errorf("read of at most %d bytes: the state is null = %t, want %t, as it reports %q", size, got, want, found)
		}
	}
}
