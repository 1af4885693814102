package provider

import (
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// testInput returns a provider block and an environment.
func testInput(block map[string]attr.Value, environment map[string]string) settingInput {
	return settingInput{block: block, getenv: func(name string) string { return environment[name] }}
}

// testResolve checks the value of one setting, for an input without errors.
func testResolve[T comparable](t *testing.T, s *settingRow[T], in settingInput, want resolved[T]) {
	t.Helper()
	got, diags := s.resolve(in)
	if got != want {
		t.Errorf("%s.resolve(%v) = %+v, want %+v", s.name, in.block, got, want)
	}
	if len(diags) > 0 {
		t.Errorf("%s.resolve(%v) reports %v, want nothing", s.name, in.block, diags)
	}
}

// TestResolve checks the values of settings, whether they are set, and their origin.
func TestResolve(t *testing.T) {
	t.Parallel()
	const id = "aaaaaaaa-0000-4000-8000-000000000000"
	path := filepath.Join(t.TempDir(), "id")
	if err := os.WriteFile(path, []byte(id+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unset := testInput(map[string]attr.Value{"client_id": types.StringNull(), "max_attempts": types.NumberNull()}, nil)

	testResolve(t, clientID, unset, resolved[string]{})
	testResolve(t, clientID, testInput(map[string]attr.Value{"client_id": types.StringValue(id)}, nil),
		resolved[string]{id, true, "client_id in the provider block"})
	testResolve(t, clientID, testInput(map[string]attr.Value{"client_id_file_path": types.StringValue(path)}, nil),
		resolved[string]{id, true, "the file that client_id_file_path in the provider block names"})
	testResolve(t, clientID, testInput(nil, map[string]string{"ARM_CLIENT_ID": id}),
		resolved[string]{id, true, "the environment variable ARM_CLIENT_ID"})

	testResolve(t, maxAttempts, unset, resolved[int]{value: 4})
	testResolve(t, maxAttempts, testInput(map[string]attr.Value{"max_attempts": types.NumberValue(big.NewFloat(20))}, nil),
		resolved[int]{20, true, "max_attempts in the provider block"})
	testResolve(t, maxAttempts, testInput(nil, map[string]string{"MDATP_MAX_ATTEMPTS": "7"}),
		resolved[int]{7, true, "the environment variable MDATP_MAX_ATTEMPTS"})
	testResolve(t, attemptTimeout, unset, resolved[time.Duration]{value: time.Minute})
	testResolve(t, readTimeout, unset, resolved[time.Duration]{value: 5 * time.Minute})
	testResolve(t, maxResponseMiB, unset, resolved[int]{value: 256})
	testResolve(t, siemResource, unset, resolved[string]{value: "https://graph.windows.net"})
}

// TestResolveAndMissing keeps the two steps apart: an invalid setting is not
// missing, and a missing one is not an error of resolving.
func TestResolveAndMissing(t *testing.T) {
	t.Parallel()
	s, diags := resolveSettings(testInput(nil, map[string]string{"MDATP_CLIENT_ID": "no GUID"}))
	titles := func(list diag.Diagnostics) (titles []string) {
		for _, d := range list {
			titles = append(titles, d.Summary())
		}
		return titles
	}
	want := []string{"Invalid client ID"}
	if got := titles(diags); !slices.Equal(got, want) {
		t.Errorf("resolveSettings(MDATP_CLIENT_ID = no GUID) reports %q, want %q", got, want)
	}
	want = []string{"Missing tenant ID", "Missing client secret", "Missing region"}
	if got := titles(missingSettings(s)); !slices.Equal(got, want) {
		t.Errorf("missingSettings reports %q, want %q", got, want)
	}
}
