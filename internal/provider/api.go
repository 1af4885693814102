package provider

import (
	"cmp"

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
	authority *transport.Address
	audience  entra.Audience
	resource  string // the audience, for users
	source    func(tenant string, client *transport.Client, tokens transport.Tokens, maxResponse int64) alert.Source
}

func siemTarget(s resolvedSettings) target {
	region := regionSetting.in(s).value
	endpoint := cmp.Or(siemEndpoint.in(s).value, region.siem)
	resource := siemResource.in(s).value
	return target{
		service:   siemService,
		authority: cmp.Or(authorityHost.in(s).value, region.authority),
		audience:  entra.Resource(resource),
		resource:  resource,
		source: func(_ string, client *transport.Client, tokens transport.Tokens, maxResponse int64) alert.Source {
			return siem.New(endpoint, client, tokens, maxResponse)
		},
	}
}

func graphTarget(s resolvedSettings) target {
	region := regionSetting.in(s).value
	if region.graph == nil {
		region = commercialCloud()
	}
	endpoint := cmp.Or(graphEndpoint.in(s).value, region.graph)
	pacers := new(graph.Pacers)
	return target{
		service:   graphService,
		authority: cmp.Or(authorityHost.in(s).value, region.authority),
		audience:  entra.Scope(region.graphResource),
		resource:  region.graphResource,
		source: func(tenant string, client *transport.Client, tokens transport.Tokens, maxResponse int64) alert.Source {
			return graph.New(graph.Options{
				Endpoint: endpoint, Client: client, Tokens: tokens, Pacer: pacers.Of(tenant), MaxBytes: maxResponse, MaxHeld: int(maxResponse),
			})
		},
	}
}
