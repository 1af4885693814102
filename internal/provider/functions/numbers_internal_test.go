package functions

import (
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestHugeNumbers prints numbers with a huge exponent without writing out their
// digits: alert text that went through jsondecode can hold one.
func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	large := new(big.Float).SetMantExp(big.NewFloat(0.5), 60_000_000)
	tiny := new(big.Float).SetMantExp(big.NewFloat(-0.5), -60_000_000)
	for _, number := range []*big.Float{large, tiny} {
		if text := decimal(tftypes.NewValue(tftypes.Number, number)); len(text) > 100 {
			t.Errorf("decimal(%s) has %d characters, want at most 100", number.Text('p', 10), len(text))
		}
		if got, ok := plainValue(tftypes.NewValue(tftypes.Number, number)).(string); !ok {
			t.Errorf("plainValue(%s) = %v, want a string", number.Text('p', 10), got)
		}
	}
}
