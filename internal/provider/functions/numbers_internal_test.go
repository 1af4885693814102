package functions

import (
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A number with a huge exponent is not written out digit by digit: alert text
// that went through jsondecode can hold one.
func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	huge := new(big.Float).SetMantExp(big.NewFloat(0.5), 60_000_000)
	tiny := new(big.Float).SetMantExp(big.NewFloat(-0.5), -60_000_000)
	for _, number := range []*big.Float{huge, tiny} {
		if text := decimal(tftypes.NewValue(tftypes.Number, number)); len(text) > 100 {
			t.Errorf("decimal(%s) has %d characters, want at most 100", number.Text('p', 10), len(text))
		}
		if json := string(appendJSON(nil, tftypes.NewValue(tftypes.Number, number))); !strings.HasPrefix(json, `"`) {
			t.Errorf("appendJSON(%s) = %s, want a string", number.Text('p', 10), json)
		}
	}
}
