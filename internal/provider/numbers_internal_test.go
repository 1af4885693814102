package provider

import (
	"math/big"
	"testing"
)

// A number with a huge exponent is not written out digit by digit: alert text
// that went through jsondecode can hold one.
func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	huge := new(big.Float).SetMantExp(big.NewFloat(0.5), 60_000_000)
	tiny := new(big.Float).SetMantExp(big.NewFloat(-0.5), -60_000_000)
	for _, number := range []*big.Float{huge, tiny} {
		if err := isLimit(wholeText(number)); err == nil {
			t.Errorf("limit takes %s", number.Text('p', 10))
		}
	}
}
