package provider

import (
	"errors"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

const (
	globalAuthority = "https://login.microsoftonline.com"
	usGovAuthority  = "https://login.microsoftonline.us"
	globalGraph     = "https://graph.microsoft.com"
)

// regions are the places of tenants' data, from Microsoft's pages "Pull
// Microsoft Defender for Endpoint alerts using SIEM REST API" and "Microsoft
// Defender for Endpoint for US Government customers" (state of 2022, the last
// one with the SIEM API), and "Microsoft Graph national cloud deployments".
var regions = []struct{ name, authorityHost, siemEndpoint, graph string }{
	{"eu", globalAuthority, "https://wdatp-alertexporter-eu.windows.com", globalGraph},
	{"us", globalAuthority, "https://wdatp-alertexporter-us.windows.com", globalGraph},
	{"uk", globalAuthority, "https://wdatp-alertexporter-uk.windows.com", globalGraph},
	{"gcc", globalAuthority, "https://wdatp-alertexporter-us.gcc.securitycenter.windows.us", globalGraph},
	{"gcchigh", usGovAuthority, "https://wdatp-alertexporter-us.securitycenter.windows.us", "https://graph.microsoft.us"},
	{"dod", usGovAuthority, "https://wdatp-alertexporter-us.securitycenter.windows.us", "https://dod-graph.microsoft.us"},
}

// regionHosts are the addresses of the services of a region.
type regionHosts struct {
	authority, siem, graph *transport.Address
	graphResource          string // audience of the tokens for Microsoft Graph
}

// commercialCloud returns the addresses that do not depend on a region.
func commercialCloud() regionHosts {
	hosts, err := parseRegion("eu")
	if err != nil {
		panic("provider: " + err.Error())
	}
	hosts.siem = nil
	return hosts
}

// parseRegion returns the addresses of the region with a name, case-insensitively.
func parseRegion(name string) (hosts regionHosts, err error) {
	for _, r := range regions {
		if !strings.EqualFold(r.name, name) {
			continue
		}
		if hosts.authority, err = transport.ParseAddress(r.authorityHost); err == nil {
			hosts.siem, err = transport.ParseAddress(r.siemEndpoint)
		}
		if err == nil {
			hosts.graph, err = transport.ParseAddress(r.graph)
		}
		hosts.graphResource = r.graph
		return hosts, err
	}
	return hosts, errors.New("it must be one of " + regionNames(`"`))
}

// regionOrigin returns a sentence about where the region comes from, or "" if none is
// needed.
func regionOrigin(s resolvedSettings) string {
	region := regionSetting.in(s)
	switch {
	case region.set:
		return "The region comes from " + region.origin + "."
	case apiSetting.in(s).value == graphAPI:
		return "No region is set, which means the commercial cloud."
	}
	return ""
}

// regionNames lists the regions, each between two marks.
func regionNames(mark string) string {
	names := make([]string, len(regions))
	for i, r := range regions {
		names[i] = mark + r.name + mark
	}
	return strings.Join(names, ", ")
}
