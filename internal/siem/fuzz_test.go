package siem

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// FuzzAlerts reads any body in any framing: the list is that of the oracle, and
// an error contains nothing of the body.
func FuzzAlerts(f *testing.F) {
	for _, body := range seeds(f) {
		for how := range uint8(framings) {
			f.Add(body, how)
		}
	}
	for _, body := range []string{
		"", "null", "{}", "[null]", "[[]]", `[{"AlertId":null}]`, "[] []", "\xef\xbb\xbf", "[\xff]", `[{"severity":"Low",` + minimum + `}]`,
		`[{"New":{"a":1,"a":2},` + minimum + `}]`, `[{"AlertPart":1e3,` + minimum + `}]`, `[{"FileName":"\ud800",` + minimum + `}]`, `[{"FullId":"\ud800",` + minimum + `}]`,
	} {
		f.Add([]byte(body), uint8(len(body)))
	}
	f.Fuzz(func(t *testing.T, body []byte, how uint8) {
		wire, pieces := framing(how%uint8(framings)).frame(body), int(how)/int(framings)
		var got listSink
		err := readAll(newClient(t, "http://localhost", optionsFor(wire, pieces), nil), &got)
		want, wrong := truthOf(body)
		switch {
		case err == nil && wrong != nil:
			t.Errorf("Read() of %q: alerts =\n%s\nwant an error", body, got.text)
		case err == nil && !bytes.Equal(got.text, want):
			t.Errorf("Read() of %q: alerts =\n%s\nwant\n%s", body, got.text, want)
		case err != nil && wrong == nil && !stricter(err):
			t.Errorf("Read() of %q = %v, want\n%s", body, err, want)
		}
		if err != nil {
			wantNoText(t, err)
		}
	})
}

// stricter reports whether an error is about something that the oracle accepts
// because its libraries do: a dotted capital I in a key, ten digits of a fraction,
// a record beyond the bound.
func stricter(err error) bool {
	e, ok := errors.AsType[*records.Error](err)
	return ok && slices.Contains([]records.Problem{records.OtherCase, records.NotTime, records.TooLargeRecord}, e.Problem)
}
