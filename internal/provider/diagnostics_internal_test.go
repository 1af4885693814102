package provider

import (
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/graph"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// TestTenantOfFailure: an error of a request, or of its response, names the tenant of the
// read or else of the provider. A managed identity has its own, which is not known.
func TestTenantOfFailure(t *testing.T) {
	t.Parallel()
	own := service{origins: origins{ownTenant: "own.example", tenant: "tenant_id of the provider block"}}
	for _, test := range []struct {
		service service
		tenant  string
		want    string // at the end of the detail
	}{
		{own, "", " Tenant: own.example."},
		{own, "read.example", " Tenant: read.example."},
		{service{}, "", ""},
		{service{origins: origins{ownTenant: "own.example"}}, "", ""},
	} {
		for _, err := range []error{
			&transport.Error{Kind: transport.Status, Phase: transport.PhaseRead, Status: 429},
			&transport.Error{Kind: transport.Status, Phase: transport.PhaseSignIn, Status: 429},
			&transport.Error{Kind: transport.Stalled, Phase: transport.PhaseRead},
			&records.Error{Problem: records.Empty},
			&graph.Error{Kind: graph.Moving},
		} {
			detail := test.service.of(test.tenant).failure(err).Detail()
			if !strings.HasSuffix(detail, test.want) || test.want == "" && strings.Contains(detail, "Tenant") {
				t.Errorf("read of tenant %q: detail of %v = %q, want %q at its end", test.tenant, err, detail, test.want)
			}
		}
	}
}
