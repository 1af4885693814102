package entra

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// defaultLifetime is the lifetime of a token without expires_in.
	defaultLifetime = 5 * time.Minute
	// maxLifetime is more than any service grants, and overflows nothing.
	maxLifetime = 365 * 24 * time.Hour
	// maxToken keeps the Authorization header below what servers accept.
	maxToken = 64 << 10
)

// validate accepts the body of a successful token response (RFC 6749, 5.1) and
// nothing that only resembles one: what x/oauth2 reads of it is then exact. An
// error object is an error whatever the status: Entra ID has sent one with 200.
func (t *tokenTransport) validate(text []byte, requestID string) error {
	unusable := func(field string) error {
		e := t.known.of(Unusable)
		e.RequestID, e.Field = requestID, field
		return e
	}
	fields, err := readObject(bytes.NewReader(text))
	if err != nil {
		return unusable("")
	}
	if _, ok := fields["error"]; ok {
		return t.refusal(fields, 0)
	}
	if fold := fields.foldedKey("error", "access_token", "token_type", "expires_in"); fold != "" {
		return unusable(fold)
	}
	if kind, ok := fields.text("token_type"); !ok || !strings.EqualFold(kind, "Bearer") {
		return unusable("token_type")
	}
	if access, ok := fields.text("access_token"); !ok || !isToken(access) {
		return unusable("access_token")
	}
	if !fields.hasLifetime() {
		return unusable("expires_in")
	}
	return nil
}

// isToken reports whether a text can stand in an Authorization header.
func isToken(text string) bool {
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	return text != "" && len(text) <= maxToken && !strings.ContainsFunc(text, outside)
}

// hasLifetime reports whether expires_in is acceptable: absent or null, or whole
// seconds above 0, as a number or, as the v1 endpoint sends it, as a string.
// expires_on is ignored: it is a time of another computer's clock.
func (o object) hasLifetime() bool {
	value, ok := o["expires_in"]
	if !ok || value.Kind() == jsontext.KindNull {
		return true
	}
	digits, quoted := o.text("expires_in")
	if !quoted {
		digits = string(value)
	}
	seconds, err := strconv.ParseUint(digits, 10, 31)
	return err == nil && seconds > 0 && time.Duration(seconds)*time.Second <= maxLifetime
}
