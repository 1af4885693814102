package provider

// A service is an API's part of diagnostics: its names, the settings to check,
// and the hints that differ between APIs.
type service struct {
	name       string // in titles and sentences
	endpoint   string // the setting of its address
	request    string // what invalid settings and tokens are checked with
	permission string // what to check after a 403
	token      string // what to check after a rejected token
	gone       string // what a missing host, a redirect, 404 and 410 can mean
}

// siemService describes the SIEM API. Microsoft's pages "Pull Microsoft Defender
// for Endpoint alerts using SIEM REST API" and "Migrate from the MDE SIEM API to
// the Microsoft Defender XDR alerts API" are the source of the hints.
var siemService = service{
	name:     "SIEM API",
	endpoint: "siem_endpoint",
	request:  "Check the time window and limit.",
	permission: "Check that SIEM integration was enabled with this application, that it has the permission to read alerts (Alert.Read.All), " +
		"and that the tenant has a licence for Defender for Endpoint.",
	token: "Check that SIEM integration is enabled for this application and tenant, and that region and siem_resource are right.",
	gone:  `Microsoft deprecated the SIEM API and may have switched it off; its successor is Microsoft Graph (api = "graph", in a later version of this provider).`,
}
