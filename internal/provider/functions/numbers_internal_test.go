package functions

import (
	"math/big"
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
		if got, ok := plainValue(tftypes.NewValue(tftypes.Number, number)).(string); !ok {
			t.Errorf("plainValue(%s) = %v, want a string", number.Text('p', 10), got)
		}
	}
}
