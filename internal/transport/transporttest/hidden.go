package transporttest

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Forms returns the forms of a text in an error or a log: unchanged, and in the
// encodings that are used with HTTP.
func Forms(text string) []string {
	raw := []byte(text)
	return []string{
		text, url.QueryEscape(text), url.PathEscape(text), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
		base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
	}
}

// QuotesNothing fails the test if an error, or one that it wraps, contains one of
// the texts in any of their Forms.
func QuotesNothing(t testing.TB, err error, hidden ...string) {
	t.Helper()
	if err == nil {
		return
	}
	for _, said := range []string{err.Error(), fmt.Sprintf("%v %+v %#v %q", err, err, err, err)} {
		for _, text := range hidden {
			if i := slices.IndexFunc(Forms(text), func(form string) bool { return strings.Contains(said, form) }); i >= 0 {
				t.Errorf("error = %s, want no %q in it", said, Forms(text)[i])
			}
		}
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, wrapped := range many.Unwrap() {
			QuotesNothing(t, wrapped, hidden...)
		}
	}
	QuotesNothing(t, errors.Unwrap(err), hidden...)
}
