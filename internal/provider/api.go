package provider

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/graph"
	"github.com/mdatp/terraform-provider-mdatp/internal/siem"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// An api is the value of the argument api.
type api string

// The APIs.
const (
	siemAPI  api = "siem"
	graphAPI api = "graph"
)

// apis are what differs between the APIs.
var apis = map[api]func(resolvedSettings) target{siemAPI: siemTarget, graphAPI: graphTarget}

// A target is an API with the settings of a provider block.
type target struct {
	service   service
	endpoint  *settingRow[*transport.Address] // its address
	authority *transport.Address
	audience  entra.Audience
	resource  string // the audience, for users

	versions   bool                     // duplicates are versions of an alert, of which the newest counts
	sourceWord func(text string) string // the source of detections in the SIEM API's words
	refused    []string                 // arguments of reads without a meaning
	need       string                   // the setting of the API that has them

	source func(tenant string, client *transport.Client, tokens transport.Tokens, maxResponse int64) alert.Source
}

func siemTarget(s resolvedSettings) target {
	region := regionSetting.in(s).value
	endpoint := cmp.Or(siemEndpoint.in(s).value, region.siem)
	resource := siemResource.in(s).value
	return target{
		service:    siemService,
		endpoint:   siemEndpoint,
		sourceWord: func(text string) string { return text },
		refused:    []string{"statuses", "exclude_classifications", "service_sources"},
		need:       `api = "graph"`,
		authority:  cmp.Or(authorityHost.in(s).value, region.authority),
		audience:   entra.Resource(resource),
		resource:   resource,
		source: func(_ string, client *transport.Client, tokens transport.Tokens, maxResponse int64) alert.Source {
			return siem.New(endpoint, client, tokens, maxResponse)
		},
	}
}

func graphTarget(s resolvedSettings) target {
	region := regionSetting.in(s).value
	if region.graph == nil {
		region = commercialCloud
	}
	endpoint := cmp.Or(graphEndpoint.in(s).value, region.graph)
	pacers := new(graph.Pacers)
	return target{
		service:    graphService,
		endpoint:   graphEndpoint,
		versions:   true,
		sourceWord: graph.SourceWord,
		authority:  cmp.Or(authorityHost.in(s).value, region.authority),
		audience:   entra.Scope(region.graphResource, "SecurityAlert.Read.All"),
		resource:   region.graphResource,
		source: func(tenant string, client *transport.Client, tokens transport.Tokens, maxResponse int64) alert.Source {
			return graph.New(graph.Options{
				Endpoint: endpoint, Client: client, Tokens: tokens, Pacer: pacers.Of(tenant), MaxBytes: maxResponse, MaxHeld: int(min(maxResponse, math.MaxInt)),
			})
		},
	}
}

// expected returns the query whose response the selection checks. A source of several
// requests checks the window and the groups of each itself.
func (t target) expected(q alert.Query) alert.Query {
	if t.versions {
		return alert.Query{Limit: q.Limit}
	}
	return q
}

// reject rejects arguments of a read that mean nothing with the API. Validation cannot:
// it does not know the API.
func (t target) reject(arguments types.Object) (d diag.Diagnostics) {
	c := converter{path.Empty(), arguments.Attributes(), &d}
	for _, name := range t.refused {
		if len(c.elements(name)) > 0 {
			d.AddAttributeError(path.Root(name), "Argument without a meaning", fmt.Sprintf(
				"The %s does not have what %s selects. Remove it, or set %s in the provider block.", t.service.name, name, t.need))
		}
	}
	return d
}

// translate translates the filter of a request to the words of the API's detections.
func (t target) translate(f alert.Filter) alert.Filter {
	f.Sources = slices.Clone(f.Sources)
	for i, source := range f.Sources {
		f.Sources[i] = t.sourceWord(source)
	}
	return f
}
