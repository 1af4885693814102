package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
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
	case errors.As(err, &signIn):
		return signInFailure(signIn)
	case errors.As(err, &reply):
		return replyFailure(reply)
	case errors.As(err, &wire):
		return wireFailure(wire, timeout)
	case errors.Is(err, errOverflow):
		return diag.NewErrorDiagnostic("Too many alerts for one read", "The reply holds more alerts than this read can keep. There is no result. "+askForLess)
	case errors.Is(err, context.Canceled):
		return diag.NewErrorDiagnostic("Read cancelled", "The read of alerts was cancelled before it was complete. There is no result.")
	}
	return diag.NewErrorDiagnostic("Internal error", "The read of alerts failed for a reason that the provider does not know. Please report this.")
}

// errOverflow is a selection that passed its bound.
var errOverflow = errors.New("provider: too many alerts")

const askForLess = "Ask for less: a shorter window, a limit, machine groups; or raise max_response_mib where memory allows."

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

func signInFailure(e *entra.Error) diag.Diagnostic {
	const summary = "Unable to sign in to Microsoft Entra ID"
	who := fmt.Sprintf("Signing in to tenant %s as application %s with its client secret failed.", e.Tenant, e.ClientID)
	if e.Kind == entra.Unusable {
		problem := "The reply is not a token reply."
		if e.Field != "" {
			problem = "The reply has no usable " + e.Field + "."
		}
		return diag.NewErrorDiagnostic(summary, sentences(who, problem,
			"Check authority_host, and whether a proxy answers in its place.", requestID(e.RequestID)))
	}
	return diag.NewErrorDiagnostic(summary, sentences(who, "The service refused with "+refusalCode(e)+".", signInHint(e.STS), requestID(e.RequestID)))
}

func refusalCode(e *entra.Error) string {
	var codes []string
	if e.STS != 0 {
		codes = append(codes, fmt.Sprintf("AADSTS%d", e.STS))
	}
	if e.Code != "" {
		codes = append(codes, e.Code)
	}
	if e.Status != 0 {
		codes = append(codes, fmt.Sprintf("HTTP status %d", e.Status))
	}
	if len(codes) == 0 {
		return "an error without a code"
	}
	return strings.Join(codes, ", ")
}

// signInHint says what to check, by the number of the AADSTS code (Microsoft's
// page "Microsoft Entra authentication & authorization error codes").
func signInHint(sts int) string {
	switch sts {
	case 7000215:
		return "The client secret is wrong: check that client_secret is the secret's value, not its ID, and belongs to this application."
	case 7000222:
		return "The client secret has expired: make a new one under App registrations, Certificates & secrets."
	case 7000112:
		return "The application is disabled in this tenant."
	case 700016:
		return "The application does not exist in this tenant: check client_id and tenant_id, and that an administrator of the tenant has consented."
	case 90002, 90038, 900382, 900432:
		return "The tenant does not exist in this cloud: check tenant_id and region, or authority_host."
	case 500011, 50001, 901002:
		return "The resource is not known in this tenant: check siem_resource, and that SIEM integration was enabled."
	case 90033, 90055, 50196:
		return "The service asks to try again later."
	}
	return "Look the code up at https://login.microsoftonline.com/error, and check tenant_id, client_id and client_secret."
}

// switchedOff is for what a service that is gone looks like.
const switchedOff = `Microsoft deprecated the SIEM API and may have switched it off; its successor is Microsoft Graph (api = "graph", in a later version of this provider).`

func wireFailure(e *transport.Error, timeout time.Duration) diag.Diagnostic {
	if e.Kind == transport.Status && e.Phase == transport.Pull {
		return statusFailure(e)
	}
	summary := "Unable to read from the SIEM API"
	if e.Phase == transport.SignIn {
		summary = "Unable to sign in to Microsoft Entra ID"
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
	if e.Phase == transport.SignIn {
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
		return "The proxy did not let the request through. Check the proxy that HTTPS_PROXY names."
	case transport.ProxyRefused:
		return "The proxy asks for credentials, or its address is malformed. Check HTTPS_PROXY."
	case transport.Broken:
		return fmt.Sprintf("The connection broke, or the reply stopped short, after %d bytes. Nothing of it was used.", e.Bytes)
	case transport.Stalled:
		return "The reply did not come, or not to its end, within attempt_timeout. Check the network, or raise attempt_timeout."
	case transport.OutOfTime:
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
		if e.Phase == transport.SignIn {
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
	if e.Phase == transport.Pull {
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

func replyFailure(e *siem.Error) diag.Diagnostic {
	where := "The reply"
	if e.Index >= 0 {
		where = fmt.Sprintf("Alert %d of the reply (from 0)", e.Index)
	}
	field := ""
	if e.Field != "" {
		field = " " + e.Field
	}
	return diag.NewErrorDiagnostic("Unexpected reply from the SIEM API", sentences(
		"Reading the reply with status 200 failed.",
		where+" "+replyProblem(e.Problem, field)+fmt.Sprintf(", at byte %d.", e.Offset),
		"Nothing of it was used. Check siem_endpoint, and whether a proxy answers in its place; otherwise please report this.",
		requestID(e.RequestID)))
}

func replyProblem(p siem.Problem, field string) string {
	switch p {
	case siem.NotArray:
		return "is not a JSON array"
	case siem.DuplicateKey:
		return "has a key twice"
	case siem.TrailingData:
		return "goes on after the end of the array"
	case siem.NotObject:
		return "is not a JSON object"
	case siem.MissingField:
		return "lacks the field" + field
	case siem.WrongType:
		return "has a value of the wrong type in the field" + field
	case siem.NotTime:
		return "has no date and time in the field" + field
	case siem.OtherCase:
		return "has the field" + field + " in another case"
	case siem.TwoSpellings:
		return "has the field" + field + " in its old and its new spelling"
	case siem.TooManyKeys:
		return "has more than 256 fields that the provider does not know"
	case siem.TooLargeRecord:
		return "is larger than 8 MiB"
	}
	return "is not valid JSON"
}

// oddities are the notes of a read as one warning.
func oddities(n alert.Notes) diag.Diagnostics {
	var lines []string
	for _, note := range []struct {
		places alert.Places
		text   string
	}{
		{n.UnknownSeverity, "a severity that the provider does not know. It ranks above High, so that no gate misses it."},
		{n.OutsideWindow, "processed outside the window that was asked for. Kept and counted."},
		{n.OutsideGroups, "of none of the machine groups that were asked for. Kept and counted."},
		{n.BeyondLimit, "beyond the limit that was asked for. Kept and counted."},
		{n.Replaced, "half of a surrogate pair in a text, which became U+FFFD."},
	} {
		if note.places.Count > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s %s", alerts(note.places.Count), note.text, positions(note.places)))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unusual alerts",
		"The reply is valid, but:\n\n  - "+strings.Join(lines, "\n  - "))}
}

// positions names alerts by their place in the reply, from 0.
func positions(p alert.Places) string {
	names := make([]string, len(p.First))
	for i, index := range p.First {
		names[i] = fmt.Sprint(index)
	}
	text := "Positions in the reply, from 0: " + strings.Join(names, ", ")
	if p.Count > len(p.First) {
		text += " …"
	}
	return text + "."
}
