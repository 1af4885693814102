package provider_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a goroutine is left after all tests: of a read that was
// cancelled, or of a response that was not read to its end. go-plugin leaves those that
// copy the output of a provider within this process until the pipes are collected.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/hashicorp/go-plugin.copyChan"))
}
