package provider

import "strings"

// A region is where a tenant's data is kept.
type region struct {
	name          string
	authorityHost string
	siemEndpoint  string
}

const (
	defaultResource = "https://graph.windows.net"

	globalAuthority = "https://login.microsoftonline.com"
	usGovAuthority  = "https://login.microsoftonline.us"
)

// regions are those of Microsoft's pages "Pull Microsoft Defender for Endpoint
// alerts using SIEM REST API" and "Microsoft Defender for Endpoint for US
// Government customers" (state of 2022, the last one with the SIEM API).
var regions = []region{
	{"eu", globalAuthority, "https://wdatp-alertexporter-eu.windows.com"},
	{"us", globalAuthority, "https://wdatp-alertexporter-us.windows.com"},
	{"uk", globalAuthority, "https://wdatp-alertexporter-uk.windows.com"},
	{"gcc", globalAuthority, "https://wdatp-alertexporter-us.gcc.securitycenter.windows.us"},
	{"gcchigh", usGovAuthority, "https://wdatp-alertexporter-us.securitycenter.windows.us"},
	{"dod", usGovAuthority, "https://wdatp-alertexporter-us.securitycenter.windows.us"},
}

func findRegion(name string) (region, bool) {
	for _, r := range regions {
		if r.name == name {
			return r, true
		}
	}
	return region{}, false
}

func regionList() string {
	names := make([]string, len(regions))
	for i, r := range regions {
		names[i] = "`" + r.name + "`"
	}
	return strings.Join(names, ", ")
}
