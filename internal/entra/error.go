package entra

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// A Kind says why there is no token.
type Kind uint8

// The kinds of failures.
const (
	Refused  Kind = iota // Entra ID said no
	Unusable             // its reply is not a token reply
)

// An Error says why the application did not get a token. Of the service's reply
// it holds codes and ids only, each checked; its description is text that can
// repeat what was sent.
type Error struct {
	Kind             Kind
	Tenant, ClientID string // as configured
	Status           int    // HTTP status, 0 for 200
	Code             string // OAuth error code such as invalid_client, or ""
	STS              int    // number of the AADSTS error code, or 0
	RequestID        string // the service's trace id, or ""
	Field            string // member of the reply that is wrong, or ""
}

// Error returns a short text for logs and tests; diagnostics are made from the fields.
func (e *Error) Error() string {
	return fmt.Sprintf("entra: kind %d, status %d, code %q, AADSTS%d, field %q", e.Kind, e.Status, e.Code, e.STS, e.Field)
}

// Error codes of Entra ID that mean "try again", from the page "Microsoft Entra
// authentication & authorization error codes".
const (
	stsTransient       = 90033
	stsTenantThrottled = 90055
)

// Transient reports whether the same request may succeed when sent again.
func (e *Error) Transient() bool { return e.STS == stsTransient || e.STS == stsTenantThrottled }

// refused reads the reply to a request that was refused. It returns nil for one
// that has no error object, such as a gateway's.
func (e *tokenTransport) refused(status int, body []byte) error {
	fields, _ := readObject(bytes.NewReader(body)) // none when it is no object
	if fields["error"] == nil || status == http.StatusTooManyRequests {
		return nil
	}
	return e.refusal(fields, status)
}

var (
	codePattern = regexp.MustCompile(`^[a-z_]{1,40}$`)
	idPattern   = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
)

func (e *tokenTransport) refusal(fields object, status int) *Error {
	return &Error{
		Kind:      Refused,
		Tenant:    e.tenant,
		ClientID:  e.clientID,
		Status:    status,
		Code:      fields.checked("error", codePattern),
		STS:       fields.sts(),
		RequestID: fields.checked("trace_id", idPattern),
	}
}

// checked returns a text that has the form it should have, or "".
func (o object) checked(key string, pattern *regexp.Regexp) string {
	text, _ := o.text(key)
	if !pattern.MatchString(text) {
		return ""
	}
	return text
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
	n, err := strconv.Atoi(code.String())
	if err != nil {
		return 0
	}
	return n
}
