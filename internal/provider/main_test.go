package provider_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a goroutine is left after all tests: of a read that was
// cancelled, or of a reply that was not read to its end.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
