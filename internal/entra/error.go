package entra

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A Kind classifies an [Error].
type Kind string

// The kinds of errors.
const (
	Refused       Kind = "refused"        // Entra ID refused the request
	Unusable      Kind = "unusable"       // the response is not a token response
	BadCredential Kind = "bad credential" // the credential cannot be used, Problem says why; nothing was sent to Entra ID
)

// An Error describes why the application did not get a token. It contains checked
// codes and IDs of the response, but not its error_description, which can repeat
// the request. It does not change after it is returned.
type Error struct {
	Kind             Kind
	Tenant, ClientID string // as configured
	Credential       string // the name of the credential, such as ClientSecret
	Status           int    // HTTP status, 0 for 200
	Code             string // OAuth error code such as invalid_client, or ""
	STS              int    // number of the AADSTS error code, or 0
	RequestID        string // the service's trace ID, or ""
	Field            string // the member of the response that is wrong, or ""
	Problem          string // for BadCredential a sentence that quotes nothing

	busy bool // a retry may succeed whatever the code
}

// Error returns a short text for logs and tests; diagnostics are made from the fields.
func (e *Error) Error() string {
	return fmt.Sprintf("entra: %s of %s, status %d, code %q, AADSTS%d, field %q, %s",
		e.Kind, e.Credential, e.Status, e.Code, e.STS, e.Field, e.Problem)
}

// of returns a copy of e of another kind.
func (e Error) of(kind Kind) *Error {
	e.Kind = kind
	return &e
}

// Error codes of Entra ID for temporary failures, from the page "Microsoft Entra
// authentication & authorization error codes".
const (
	stsTransient       = 90033
	stsTenantThrottled = 90055
)

// Transient reports whether a retry may succeed.
func (e *Error) Transient() bool {
	return e.busy || e.STS == stsTransient || e.STS == stsTenantThrottled
}

// parseError returns the error of a response whose status is not 200, or nil for
// one without an error object, such as a gateway's, and for status 429.
func (s *signIn) parseError(status int, body []byte) error {
	members, _ := records.Members(bytes.NewReader(body)) // empty if it is not an object
	fields := object(members)
	if fields["error"] == nil || status == http.StatusTooManyRequests {
		return nil
	}
	return s.refusal(fields, status)
}

func (s *signIn) refusal(fields object, status int) *Error {
	e := s.known.of(Refused)
	e.Status, e.STS = status, fields.sts()
	if code, _ := fields.text("error"); codePattern.MatchString(code) {
		e.Code = code
	}
	if id, _ := fields.text("trace_id"); transport.IsGUID(id) {
		e.RequestID = id
	}
	return e
}

var (
	// codePattern matches an OAuth error code.
	codePattern = regexp.MustCompile(`^[a-z_]{1,40}$`)
	// stsPattern finds the number of an AADSTS error code in a text.
	stsPattern = regexp.MustCompile(`AADSTS([0-9]{4,8})\b`)
)

// stsIn returns the number of the first AADSTS error code in a text, or 0.
func stsIn(text []byte) int {
	match := stsPattern.FindSubmatch(text)
	if match == nil {
		return 0
	}
	number, _ := strconv.Atoi(string(match[1])) // at most 8 digits
	return number
}

// sts returns the first element of error_codes, or 0.
func (o object) sts() int {
	decoder := jsontext.NewDecoder(bytes.NewReader(o["error_codes"]))
	if first, err := decoder.ReadToken(); err != nil || first.Kind() != jsontext.KindBeginArray {
		return 0
	}
	code, err := decoder.ReadToken()
	if err != nil || code.Kind() != jsontext.KindNumber {
		return 0
	}
	n, err := strconv.ParseUint(code.String(), 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}
