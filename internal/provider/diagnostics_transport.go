package provider

import (
	"cmp"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A service holds the parts of diagnostics that differ between APIs: names,
// settings to check, and hints.
type service struct {
	name       string // in titles and sentences
	endpoint   string // the setting of its address
	request    string // what to check after a 400
	permission string // what to check after a 403
	token      string // what to check after a rejected token
	gone       string // what a missing host, a redirect, 404 and 410 can mean
	resource   string // what to check if Entra ID does not know the audience

	endpointOrigin string  // a sentence about where the address comes from
	origins        origins // of the settings of the sign-in
	tenant         string  // of the read; "" if unknown
}

// of returns the service for a read of a tenant, "" for the provider's. A managed
// identity has a tenant of its own.
func (s service) of(tenant string) service {
	if s.origins.tenant != "" {
		s.tenant = cmp.Or(tenant, s.origins.ownTenant)
	}
	return s
}

// trace returns the sentences that tell a failed request from those of other reads.
func (s service) trace(requestID string) string {
	tenant := ""
	if s.tenant != "" {
		tenant = "Tenant: " + s.tenant + "."
	}
	return sentences(tenant, requestIDSentence(requestID))
}

// siemService describes the SIEM API. Microsoft's pages "Pull Microsoft Defender
// for Endpoint alerts using SIEM REST API" and "Migrate from the MDE SIEM API to
// the Microsoft Defender XDR alerts API" are the source of the hints.
var siemService = service{
	name:     "SIEM API",
	endpoint: "siem_endpoint",
	request:  "Check the time window and limit.",
	permission: "Check that SIEM integration was enabled with this application, that it has the permission to read alerts (Alert.Read.All), " +
		"and that the tenant has a licence for Defender for Endpoint. " + graphOnlyTenant,
	token: "Check that SIEM integration is enabled for this application and tenant, and that region and siem_resource are right. " + graphOnlyTenant,
	gone: `Microsoft deprecated the SIEM API and may have switched it off; its successor is Microsoft Graph (api = "graph"). ` +
		"See the guide \"Moving to Microsoft Graph\".",
	resource: "check siem_resource, and that SIEM integration was enabled. " + graphOnlyTenant,
}

const graphOnlyTenant = `Microsoft has allowed no new integration since 2021: tenants without one use Microsoft Graph (api = "graph").`

// graphService describes Microsoft Graph. Its pages "List alerts_v2" and "Microsoft
// Graph error responses and resource types" are the source of the hints.
var graphService = service{
	name:     "Microsoft Graph API",
	endpoint: "graph_endpoint",
	request:  "Check service_sources, and graph_endpoint, which must not have another path than /v1.0.",
	permission: "Check that the application has the application permission SecurityAlert.Read.All (the delegated one is for a person who signed in), that an administrator " +
		"consented to it, and that the tenant has a licence for Microsoft Defender. A token from before the consent does not have it.",
	token:    "Check that region names the cloud of the tenant. Microsoft Graph can also reject new tokens for some minutes: try again.",
	resource: "check that region names the cloud of the tenant.",
}

const (
	unableToSignIn = "Unable to sign in to Microsoft Entra ID"
	tryAgain       = "Try again in a few minutes."
)

// phaseTexts are the words that differ between a request to sign in and one for
// alerts.
type phaseTexts struct {
	title, request, setting string
	host                    string // the settings that decide on the host name
	gone                    string
	tooLarge, outOfTime     string
}

// signInRequests are the requests to sign in, and the settings of their addresses.
var signInRequests = map[transport.Phase]struct{ name, setting, host string }{
	transport.PhaseSignIn:    {"sign-in", "authority_host", "region and authority_host"},
	transport.PhaseOIDCToken: {"request for an OIDC token", "oidc_request_url and oidc_request_token", "oidc_request_url"},
	transport.PhaseIdentity:  {"request for a token of the managed identity", "msi_endpoint", "msi_endpoint"},
}

func (s service) phase(e *transport.Error) phaseTexts {
	limit := ""
	if e.Wait > 0 {
		limit = " of " + e.Wait.String()
	}
	if request, ok := signInRequests[e.Phase]; ok {
		return phaseTexts{
			title: unableToSignIn, request: request.name, setting: request.setting, host: request.host,
			tooLarge:  "The response is larger than a token response can be. Check " + request.setting + ", and whether a proxy responds in its place.",
			outOfTime: "Sign-in, or the read that waits for it, exceeded its timeout" + limit + ".",
		}
	}
	return phaseTexts{
		title: "Unable to read from the " + s.name, request: "request", setting: s.endpoint, host: "region and " + s.endpoint, gone: s.gone,
		tooLarge: fmt.Sprintf("The response is larger than max_response_mib allows (%d bytes were read). %s Or raise max_response_mib.",
			e.Bytes, readLess),
		outOfTime: "The whole read exceeded its timeout" + limit + ".",
	}
}

// transportFailure translates an error of a request.
func (s service) transportFailure(e *transport.Error) diag.Diagnostic {
	if e.Kind == transport.Status && e.Phase == transport.PhaseRead {
		return s.statusFailure(e)
	}
	p := s.phase(e)
	return diag.NewErrorDiagnostic(p.title, sentences(
		fmt.Sprintf("The %s to %s failed%s.", p.request, e.Host, attemptsText(e.Attempts)),
		transportProblem(e, p), s.trace(e.RequestID)))
}

func attemptsText(attempts int) string {
	switch attempts {
	case 0:
		return ""
	case 1:
		return " at the first attempt"
	}
	return fmt.Sprintf(" after %d attempts", attempts)
}

// transportProblems are the texts that do not depend on the request.
var transportProblems = map[transport.Kind]string{
	transport.Proxy:        "The proxy cannot be reached, or did not connect to the host. Check the proxy in HTTPS_PROXY.",
	transport.ProxyRefused: "The proxy requires credentials, responded with a page of its own, or its address is malformed. Check HTTPS_PROXY.",
	transport.Stalled:      "The complete response did not arrive within attempt_timeout. Check the network, or raise attempt_timeout.",
}

// proxyProblems are the texts about what a proxy, or another host, can respond.
var proxyProblems = map[transport.Kind]string{
	transport.WrongName: "The TLS certificate is for another host name.",
	transport.OldTLS:    "The host has no TLS version that the provider accepts, 1.2 or later.",
	transport.Untrusted: "TLS could not be negotiated, or the certificate is not acceptable.",
	transport.Encoding:  "The compression of the response is unknown or damaged.",
	transport.Partial:   "The response is partial content.",
	transport.Unread:    "The response has data after the JSON document.",
	transport.Headers:   "The response headers are too large.",
}

func transportProblem(e *transport.Error, p phaseTexts) string {
	if text, ok := transportProblems[e.Kind]; ok {
		return text
	}
	check := "Check " + p.setting + "."
	inItsPlace := "Check " + p.setting + ", and whether a proxy responds in its place."
	if text, ok := proxyProblems[e.Kind]; ok {
		return sentences(text, inItsPlace)
	}
	switch e.Kind {
	case transport.Unresolved:
		return sentences("The host name does not exist. Check "+p.host+".", p.gone)
	case transport.Unreachable:
		return "A connection could not be established. Check the network, the firewall and " + p.setting + "."
	case transport.NotLookedUp:
		return "The host name could not be looked up. Check the network and its DNS servers."
	case transport.Refused:
		return "The connection was refused: nothing accepts connections at this address, or a firewall rejects them. Check " + p.setting + " and the firewall."
	case transport.Unanswered:
		return "The host did not accept the connection within 10 seconds. Check the network, the firewall and " + p.setting + "."
	case transport.NoRoute:
		return "There is no route to the host. Check the network, the VPN and " + p.setting + "."
	case transport.Expired:
		return "The TLS certificate has expired, or is not valid yet. Check the clock of this computer; if it is right, the operator of the host, or of a proxy that inspects TLS, has to renew the certificate."
	case transport.UnknownAuthority:
		return "The TLS certificate is from an unknown authority. If a proxy inspects TLS, name the file of its authority's certificate in ca_certificate_path; otherwise check " + p.setting + "."
	case transport.Broken:
		return fmt.Sprintf("The connection was lost or the response truncated after %d bytes. The partial response was discarded. Check the network and the proxy, or try again later.", e.Bytes)
	case transport.OutOfTime:
		refused := ""
		if e.Status != 0 && e.Status != 200 {
			refused = fmt.Sprintf("The last response had status %d.", e.Status)
		}
		return sentences(p.outOfTime, refused, "Check the network, or raise "+cmp.Or(e.Setting, readTimeout.name)+".")
	case transport.WaitTooLong:
		return fmt.Sprintf("The service responded with status %d and asks to wait %d seconds, which is more than a minute or than the remaining time. Try again later.", e.Status, int64(e.Wait/time.Second))
	case transport.Redirected:
		return sentences(fmt.Sprintf("The response is a redirect (status %d), which is not followed: it would send the credentials elsewhere.", e.Status), check, p.gone)
	case transport.Status:
		status := fmt.Sprintf("The response has status %d.", e.Status)
		switch {
		case e.Transient():
			return sentences(status, tryAgain, "If it persists, check "+p.setting+", and whether a proxy responds in its place.")
		case e.Phase == transport.PhaseIdentity:
			return sentences(status, checkIdentity, check)
		}
		return sentences(status, inItsPlace)
	case transport.MediaType:
		return "The response is not JSON in UTF-8. Check " + p.setting + ", and whether a proxy or a sign-in page responds in its place."
	case transport.TooLarge:
		return p.tooLarge
	case transport.NotUTF8:
		return fmt.Sprintf("The response has a byte that is not UTF-8 within its first %d bytes. %s", e.Bytes, inItsPlace)
	}
	return "The request could not be made. " + check
}

// statusFailure translates a status of the API itself.
func (s service) statusFailure(e *transport.Error) diag.Diagnostic {
	summary, hint := "Unexpected response from the "+s.name, "Check "+s.endpoint+", and whether a proxy responds in its place."
	switch e.Status {
	case 400:
		summary, hint = "Request rejected by the "+s.name, "The service does not accept the arguments of this read. "+s.request
	case 401:
		summary, hint = "Token rejected by the "+s.name, sentences(s.token, s.origins.region)
		if e.Attempts > 1 { // a renewed token that is the same one is not sent again
			hint = "A new token was rejected too. " + hint
		}
	case 403:
		summary, hint = "Not allowed to read alerts", s.permission
	case 404, 410:
		summary, hint = s.name+" not found", sentences("Check region and "+s.endpoint+".", s.endpointOrigin, s.gone)
	}
	if e.Transient() {
		summary, hint = "Defender service unavailable", tryAgain
	}
	return diag.NewErrorDiagnostic(summary, sentences(
		fmt.Sprintf("The request for alerts to %s failed with status %d%s.", e.Host, e.Status, attemptsText(e.Attempts)),
		hint, s.trace(e.RequestID)))
}
