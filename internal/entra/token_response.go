package entra

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

const (
	// defaultLifetime is the lifetime of a token without expires_in.
	defaultLifetime = 5 * time.Minute
	// maxLifetime is more than any service grants, and overflows nothing.
	maxLifetime = 365 * 24 * time.Hour
	// maxToken is far more than any real token has, in bytes.
	maxToken = 64 << 10
)

// tokenFields returns the members of a successful token response (RFC 6749, 5.1) and
// rejects everything else, so that x/oauth2 cannot misread it. An error object is
// an error with any status: Entra ID has sent one with 200.
func (s *signIn) tokenFields(text []byte, requestID string) (object, error) {
	members, err := records.Members(bytes.NewReader(text))
	if err != nil {
		return nil, s.unusable("", requestID)
	}
	fields := object(members)
	if _, ok := fields["error"]; ok {
		return nil, s.refusal(fields, 0)
	}
	if wrong := fields.unusableField(); wrong != "" {
		return nil, s.unusable(wrong, requestID)
	}
	return fields, nil
}

// unusable returns the error of a response in which this field is wrong; "" means that it
// is no JSON object.
func (s *signIn) unusable(field, requestID string) error {
	e := s.known.of(Unusable)
	e.RequestID, e.Field = requestID, field
	return e
}

// unusableField returns the first member that is not as in a token response, or "".
func (o object) unusableField() string {
	if fold := o.foldedKey("error", "access_token", "token_type", "expires_in", "refresh_token"); fold != "" {
		return fold
	}
	if kind, ok := o.text("token_type"); !ok || !strings.EqualFold(kind, "Bearer") {
		return "token_type"
	}
	if access, ok := o.text("access_token"); !ok || !isToken(access) {
		return "access_token"
	}
	if !o.hasLifetime() {
		return "expires_in"
	}
	if !o.hasRefreshToken() {
		return "refresh_token"
	}
	return ""
}

// isToken reports whether a text is valid in an Authorization header.
func isToken(text string) bool {
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	return text != "" && len(text) <= maxToken && !strings.ContainsFunc(text, outside)
}

// An object is the JSON object of a response: its values as JSON text, by key.
type object map[string]jsontext.Value

// text returns a member that is a JSON string.
func (o object) text(key string) (string, bool) {
	value := o[key]
	if value.Kind() != jsontext.KindString {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, value)
	return string(text), err == nil
}

// foldedKey returns the first of the keys that the object has in another case, or "".
func (o object) foldedKey(keys ...string) string {
	for _, key := range keys {
		for present := range o {
			if present != key && strings.EqualFold(present, key) {
				return key
			}
		}
	}
	return ""
}

// hasLifetime reports whether expires_in is acceptable: absent or null, or whole
// seconds above 0, as a number or, as the v1 endpoint sends it, as a string.
// expires_on is ignored: it depends on another computer's clock.
func (o object) hasLifetime() bool {
	lifetime, set := o.seconds("expires_in")
	return !set || isLifetime(lifetime)
}

func isLifetime(d time.Duration) bool { return d > 0 && d <= maxLifetime }

// hasRefreshToken reports whether refresh_token is acceptable: a token, or none,
// which is absent, null or, as the metadata service sends it, an empty string.
func (o object) hasRefreshToken() bool {
	value, ok := o["refresh_token"]
	if !ok || value.Kind() == jsontext.KindNull {
		return true
	}
	text, ok := o.text("refresh_token")
	return ok && (text == "" || isToken(text))
}

// seconds returns a member of whole seconds, as a number or a string: 0 if it is
// anything else. It is not set if it is absent or null.
func (o object) seconds(key string) (d time.Duration, set bool) {
	value, ok := o[key]
	if !ok || value.Kind() == jsontext.KindNull {
		return 0, false
	}
	digits, quoted := o.text(key)
	if !quoted {
		digits = string(value)
	}
	seconds, err := strconv.ParseUint(digits, 10, 33)
	if err != nil {
		return 0, true
	}
	return time.Duration(seconds) * time.Second, true
}

// localToken reads the token response of a service on this computer. Some have
// only expires_on, by a clock that is this computer's or set like it.
func (s *signIn) localToken(text []byte, requestID string, requested time.Time) (token, error) {
	fields, err := s.tokenFields(text, requestID)
	if err != nil {
		return token{}, err
	}
	access, _ := fields.text("access_token")
	if lifetime, set := fields.seconds("expires_in"); set {
		return newToken(access, requested, lifetime), nil
	}
	since1970, set := fields.seconds("expires_on")
	if !set {
		return newToken(access, requested, defaultLifetime), nil
	}
	lifetime := since1970 - time.Duration(time.Now().Unix())*time.Second
	if !isLifetime(lifetime) {
		return token{}, s.unusable("expires_on", requestID)
	}
	return newToken(access, requested, lifetime), nil
}
