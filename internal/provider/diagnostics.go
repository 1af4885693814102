package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/siem"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// failure is the one place that makes diagnostics of errors. Each says what was
// being done, what went wrong and what to check, from the fields of typed
// errors alone.
func failure(err error, timeout time.Duration) diag.Diagnostic {
	var (
		signIn *entra.Error
		reply  *siem.Error
		wire   *transport.Error
	)
	switch {
	case errors.As(err, &wire) && wire.Kind == transport.WaitTooLong:
		return wireFailure(wire, timeout)
	case errors.As(err, &signIn):
		return signInFailure(signIn)
	case errors.As(err, &reply):
		return replyFailure(reply)
	case errors.As(err, &wire):
		return wireFailure(wire, timeout)
	case errors.Is(err, errOverflow):
		return diag.NewErrorDiagnostic("Too many alerts for one read", "The reply holds more alerts than this read can keep. There is no result. "+askForLess+" What a summary may keep grows with max_response_mib.")
	case errors.Is(err, context.Canceled):
		return diag.NewErrorDiagnostic("Read cancelled", "The read of alerts was cancelled before it was complete. There is no result.")
	}
	return diag.NewErrorDiagnostic("Internal error", "The read of alerts failed for a reason that the provider does not know. Please report this.")
}

// errOverflow is a selection that passed its bound.
var errOverflow = errors.New("provider: too many alerts")

const askForLess = "Use the mdatp_alert_summary data source if the counts are enough, or ask for less: a shorter window, a limit, " +
	"machine groups, a min_severity."

const unableToSignIn = "Unable to sign in to Microsoft Entra ID"

// sentences joins the parts of a detail that are not empty.
func sentences(parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, " ")
}

func requestID(id string) string {
	if id == "" {
		return ""
	}
	return "Request ID: " + id + "."
}

// switchedOff is for what a service that is gone looks like.
const switchedOff = `Microsoft deprecated the SIEM API and may have switched it off; its successor is Microsoft Graph (api = "graph", in a later version of this provider).`

func wireFailure(e *transport.Error, timeout time.Duration) diag.Diagnostic {
	if e.Kind == transport.Status && e.Phase == transport.PhaseRead {
		return statusFailure(e)
	}
	summary := "Unable to read from the SIEM API"
	if e.Phase == transport.PhaseSignIn {
		summary = unableToSignIn
	}
	return diag.NewErrorDiagnostic(summary, sentences(
		fmt.Sprintf("The %s to %s failed%s.", e.Phase, e.Host, after(e.Attempts)),
		wireProblem(e, timeout), requestID(e.RequestID)))
}

func after(attempts int) string {
	switch attempts {
	case 0:
		return ""
	case 1:
		return " at the first attempt"
	}
	return fmt.Sprintf(" after %d attempts", attempts)
}

// wireProblem says what went wrong and what to check.
func wireProblem(e *transport.Error, timeout time.Duration) string {
	setting := "siem_endpoint"
	if e.Phase == transport.PhaseSignIn {
		setting = "authority_host"
	}
	switch e.Kind {
	case transport.Unresolved:
		return sentences("The host's name does not exist. Check region and "+setting+".", ifPull(e, switchedOff))
	case transport.Unreachable:
		return "No connection came about. Check the network, the firewall and " + setting + "."
	case transport.Untrusted:
		return "The TLS certificate or version is not acceptable. Check " + setting + "; if a proxy inspects TLS, add its certificate authority to the system's, or name it in SSL_CERT_FILE."
	case transport.Proxy:
		return "The proxy cannot be reached, or did not let the request through. Check the proxy that HTTPS_PROXY names."
	case transport.ProxyRefused:
		return "The proxy asks for credentials, or its address is malformed. Check HTTPS_PROXY."
	case transport.Broken:
		return fmt.Sprintf("The connection broke, or the reply stopped short, after %d bytes. Nothing of it was used.", e.Bytes)
	case transport.Stalled:
		return "The reply did not come, or not to its end, within attempt_timeout. Check the network, or raise attempt_timeout."
	case transport.OutOfTime:
		if e.Phase == transport.PhaseSignIn {
			return "The time for signing in, or for the read that waits for it, ran out. Check the network, or raise timeout."
		}
		return fmt.Sprintf("The time for the whole read, %s, ran out. Check the network, or raise timeout.", timeout)
	case transport.WaitTooLong:
		return fmt.Sprintf("The service answered with status %d and asks to wait %d seconds, more than a minute or than the time that is left. Try again later.", e.Status, int64(e.Wait/time.Second))
	case transport.Redirected:
		return sentences(fmt.Sprintf("It was answered with a redirect (status %d), which is not followed, as it would take the credentials elsewhere. Check %s.", e.Status, setting), ifPull(e, switchedOff))
	case transport.Status:
		return fmt.Sprintf("It was answered with status %d. Check %s, and whether a proxy answers in its place.", e.Status, setting)
	case transport.MediaType:
		return "The reply is not JSON in UTF-8. Check " + setting + ", and whether a proxy or a sign-in page answers in its place."
	case transport.Encoding:
		return "The reply's compression is unknown or damaged."
	case transport.Partial:
		return "The reply is a part of an answer only."
	case transport.TooLarge:
		if e.Phase == transport.PhaseSignIn {
			return "The reply is larger than a token reply can be. Check authority_host, and whether a proxy answers in its place."
		}
		return fmt.Sprintf("The reply is larger than max_response_mib allows (%d bytes were read). Ask for less: a shorter window, a limit, machine groups. Or raise max_response_mib.", e.Bytes)
	case transport.NotUTF8:
		return fmt.Sprintf("The reply has a byte that is not UTF-8 within its first %d bytes.", e.Bytes)
	case transport.Unread:
		return "The reply goes on after its end."
	case transport.Headers:
		return "The reply has more headers than a reply can need. Check " + setting + ", and whether a proxy answers in its place."
	}
	return "The request could not be made. Check " + setting + "."
}

func ifPull(e *transport.Error, text string) string {
	if e.Phase == transport.PhaseRead {
		return text
	}
	return ""
}

// statusFailure is for a status of the SIEM API itself (Microsoft's page gives
// 401, 403 and 500).
func statusFailure(e *transport.Error) diag.Diagnostic {
	summary, hint := "Unexpected reply from the SIEM API", "Check siem_endpoint, and whether a proxy answers in its place."
	switch e.Status {
	case 400:
		summary, hint = "Request refused by the SIEM API", "The service does not accept the arguments of this read. Check the time window and limit."
	case 401:
		summary, hint = "Token rejected by the SIEM API", "A new token was rejected too. Check that SIEM integration is enabled for this application and tenant, and that region and siem_resource are right."
	case 403:
		summary, hint = "Not allowed to pull alerts", "Check that the application is the one that SIEM integration was enabled with, that it may read alerts (Alert.Read.All), and that the tenant has a licence for Defender for Endpoint."
	case 404, 410:
		summary, hint = "SIEM API not found", "Check region and siem_endpoint. "+switchedOff
	case 408, 429, 500, 502, 503, 504:
		summary, hint = "Defender service unavailable", "Try again in a few minutes."
	}
	return diag.NewErrorDiagnostic(summary, sentences(
		fmt.Sprintf("The request for alerts to %s was answered with status %d%s.", e.Host, e.Status, after(e.Attempts)),
		hint, requestID(e.RequestID)))
}
