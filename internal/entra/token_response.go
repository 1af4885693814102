package entra

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A tokenResponse is what a token reply says, as far as it matters.
type tokenResponse struct {
	accessToken string
	lifetime    time.Duration
}

const (
	// defaultLifetime is that of a token whose reply does not give one.
	defaultLifetime = 5 * time.Minute
	// maxLifetime is above what any service grants and below what overflows.
	maxLifetime = 365 * 24 * time.Hour
	// maxToken keeps the Authorization header below what servers accept.
	maxToken = 64 << 10
)

// read accepts the reply of a successful token request (RFC 6749, 5.1) and
// nothing that only resembles one. An error object is an error whatever the
// status: Entra ID has sent such with 200.
func (e *tokenTransport) read(r *transport.Response) (tokenResponse, error) {
	fields, err := readObject(r.Body)
	if err != nil {
		return tokenResponse{}, e.unusable(r, "")
	}
	if _, ok := fields["error"]; ok {
		return tokenResponse{}, e.refusal(fields, 0)
	}
	if fold := fields.foldedKey("error", "access_token", "token_type", "expires_in"); fold != "" {
		return tokenResponse{}, e.unusable(r, fold)
	}
	if kind, ok := fields.text("token_type"); !ok || !strings.EqualFold(kind, "Bearer") {
		return tokenResponse{}, e.unusable(r, "token_type")
	}
	access, ok := fields.text("access_token")
	if !ok || !isToken(access) {
		return tokenResponse{}, e.unusable(r, "access_token")
	}
	lifetime, ok := fields.lifetime()
	if !ok {
		return tokenResponse{}, e.unusable(r, "expires_in")
	}
	return tokenResponse{accessToken: access, lifetime: lifetime}, nil
}

func (e *tokenTransport) unusable(r *transport.Response, field string) *Error {
	return &Error{Kind: Unusable, Tenant: e.tenant, ClientID: e.clientID, RequestID: r.RequestID, Field: field}
}

// isToken reports whether a text can stand in an Authorization header.
func isToken(text string) bool {
	if text == "" || len(text) > maxToken {
		return false
	}
	for _, b := range []byte(text) {
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return true
}

// An object is a JSON object by key, its values as JSON text.
type object map[string]jsontext.Value

var errNotObject = errors.New("entra: not one JSON object")

// readObject reads one JSON object and the end of the text. Keys that are there
// twice are an error.
func readObject(r io.Reader) (object, error) {
	decoder := jsontext.NewDecoder(r)
	if decoder.PeekKind() != jsontext.KindBeginObject {
		return nil, errNotObject
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	fields := object{}
	for decoder.PeekKind() != jsontext.KindEndObject {
		key, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		name := key.String()
		value, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		fields[name] = value.Clone()
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errNotObject
	}
	return fields, nil
}

// text returns a member that is a JSON string.
func (o object) text(key string) (string, bool) {
	value := o[key]
	if value.Kind() != jsontext.KindString {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, value)
	return string(text), err == nil
}

// foldedKey returns the first of the keys that is there in another case.
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

// lifetime reads expires_in: whole seconds as a number or, as the v1 endpoint
// sends it, as a string. expires_on is not looked at: it is a time of another
// computer's clock.
func (o object) lifetime() (time.Duration, bool) {
	value, ok := o["expires_in"]
	if !ok || value.Kind() == jsontext.KindNull {
		return defaultLifetime, true
	}
	digits, quoted := o.text("expires_in")
	if !quoted {
		digits = string(value)
	}
	seconds, err := strconv.ParseUint(digits, 10, 31)
	lifetime := time.Duration(seconds) * time.Second
	return lifetime, err == nil && lifetime > 0 && lifetime <= maxLifetime
}
