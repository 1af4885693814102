package siem

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// FuzzAlerts reads any body in any framing: what is read is what the oracle
// reads, and an error says nothing of the body.
func FuzzAlerts(f *testing.F) {
	for _, body := range seeds(f) {
		for how := range uint8(framings) {
			f.Add(body, how)
		}
	}
	for _, body := range []string{
		"", "null", "{}", "[null]", "[[]]", `[{"AlertId":null}]`, "[] []", "\xef\xbb\xbf", "[\xff]", `[{"severity":"Low",` + minimum + `}]`,
		`[{"New":{"a":1,"a":2},` + minimum + `}]`, `[{"AlertPart":1e3,` + minimum + `}]`, `[{"FileName":"\ud800",` + minimum + `}]`,
	} {
		f.Add([]byte(body), uint8(len(body)))
	}
	f.Fuzz(func(t *testing.T, body []byte, how uint8) {
		wire, pieces := framing(how%uint8(framings)).frame(body), int(how)/int(framings)
		s := source(t, "http://localhost", transport.Options{Base: roundTripper(func(r *http.Request) (*http.Response, error) {
			return respond(r, wire, pieces)
		})}, nil)
		var got list
		err := pull(s, &got)
		want, wrong := truthOf(body)
		switch {
		case err == nil && wrong != nil:
			t.Errorf("no list, but read as\n%s", got.text)
		case err == nil && !bytes.Equal(got.text, want):
			t.Errorf("read as\n%s\nand is\n%s", got.text, want)
		case err != nil && wrong == nil && !stricter(err):
			t.Errorf("a list, but: %v", err)
		}
		if err != nil {
			if text := textIn(err); text != "" {
				t.Error(text)
			}
		}
	})
}

// stricter reports whether an error is about what the oracle, by the letter of
// its libraries, lets pass: a dotted capital I in a key, ten digits of a
// fraction, a record beyond the bound.
func stricter(err error) bool {
	e, ok := errors.AsType[*records.Error](err)
	return ok && slices.Contains([]records.Problem{records.OtherCase, records.NotTime, records.TooLargeRecord}, e.Problem)
}
