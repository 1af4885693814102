package provider

import (
	"math/big"
	"testing"
)

// TestHugeNumbers refuses numbers with a huge exponent without writing out their
// digits: alert text that went through jsondecode can hold one.
func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	huge := new(big.Float).SetMantExp(big.NewFloat(0.5), 60_000_000)
	tiny := new(big.Float).SetMantExp(big.NewFloat(-0.5), -60_000_000)
	for _, f := range []*big.Float{huge, tiny} {
		if n, err := (wholeNumber{1, maxInt32}).convert(f); err == nil {
			t.Errorf("wholeNumber{1, maxInt32}.convert(%s) = %d, want an error", f.Text('p', 10), n)
		}
	}
}
