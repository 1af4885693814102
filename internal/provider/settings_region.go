package provider

import (
	"errors"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

const globalAuthority = "https://login.microsoftonline.com"

// The clouds, from Microsoft's page "Microsoft Graph national cloud deployments".
var (
	commercialCloud = newCloud(globalAuthority, "https://graph.microsoft.com")
	gccHighCloud    = newCloud("https://login.microsoftonline.us", "https://graph.microsoft.us")
	dodCloud        = newCloud("https://login.microsoftonline.us", "https://dod-graph.microsoft.us")
)

// regions are the places of tenants' data, from Microsoft's pages "Pull
// Microsoft Defender for Endpoint alerts using SIEM REST API" and "Microsoft
// Defender for Endpoint for US Government customers" (state of 2022, the last
// one with the SIEM API).
var regions = []struct {
	name  string
	hosts regionHosts
}{
	{"eu", commercialCloud.with("https://wdatp-alertexporter-eu.windows.com")},
	{"us", commercialCloud.with("https://wdatp-alertexporter-us.windows.com")},
	{"uk", commercialCloud.with("https://wdatp-alertexporter-uk.windows.com")},
	{"gcc", commercialCloud.with("https://wdatp-alertexporter-us.gcc.securitycenter.windows.us")},
	{"gcchigh", gccHighCloud.with("https://wdatp-alertexporter-us.securitycenter.windows.us")},
	{"dod", dodCloud.with("https://wdatp-alertexporter-us.securitycenter.windows.us")},
}

// regionHosts are the addresses of the services of a region, or of a cloud.
type regionHosts struct {
	authority, graph *transport.Address
	graphResource    string             // audience of the tokens for Microsoft Graph
	siem             *transport.Address // nil for a cloud
}

func newCloud(authority, graph string) regionHosts {
	return regionHosts{authority: mustAddress(authority), graph: mustAddress(graph), graphResource: graph}
}

// with returns the addresses of a region of the cloud.
func (cloud regionHosts) with(siem string) regionHosts {
	cloud.siem = mustAddress(siem)
	return cloud
}

// mustAddress parses an address of this file.
func mustAddress(text string) *transport.Address {
	address, err := transport.ParseAddress(text)
	if err != nil {
		panic("provider: " + err.Error())
	}
	return address
}

// parseRegion returns the addresses of the region with a name, case-insensitively.
func parseRegion(name string) (regionHosts, error) {
	for _, r := range regions {
		if strings.EqualFold(r.name, name) {
			return r.hosts, nil
		}
	}
	return regionHosts{}, errors.New("it must be one of " + regionNames(`"`))
}

// addressOrigin returns a sentence about where an address comes from: a setting of its
// own, or the region.
func addressOrigin(s resolvedSettings, own *settingRow[*transport.Address]) string {
	if address := own.in(s); address.set {
		return "The " + own.label + " comes from " + address.origin + "."
	}
	return regionOrigin(s)
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
