package provider

import (
	"math/big"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
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

// TestSizeOfTheList: the error of a list slightly larger than the limit says so.
func TestSizeOfTheList(t *testing.T) {
	t.Parallel()
	const want = "The 2 detections take 268369921 bytes, and Terraform accepts at most 268369920 from a provider at once. " + askForCounts + readLess
	if got := insertFailure(&wire.SizeError{Detections: 2, Bytes: wire.MaxObject + 1}).Detail(); got != want {
		t.Errorf("insertFailure(a byte too many) = %q, want %q", got, want)
	}
}
