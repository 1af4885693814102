package records_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// A reader that has ended returns its error even from an empty read, as the bodies of
// package transport do.
type ended struct {
	io.Reader
	err error
}

func (e *ended) Read(p []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	return e.Reader.Read(p)
}

// elements reads the elements of each field.
type elements struct {
	object *records.Object
	each   func(jsontext.Value) records.Problem
}

func (e elements) Known(_ int, value jsontext.Value) records.Problem {
	return e.object.Elements(value, e.each)
}
func (elements) Unknown(_, _ []byte) {}

// The decoder has the whole record in its buffer, and still reads no more of it than
// 256 KiB after the end.
func TestEndedWithinARecord(t *testing.T) {
	t.Parallel()
	list := `[` + strings.Repeat(`"`+strings.Repeat("x", 1022)+`",`, 4095) + `"x"]`
	over := errors.New("over")
	for name, body := range map[string]string{
		"elements": `[{"A":` + list + `}]`,
		"members":  `[{"A":["x"],"B":` + list + `,"C":` + list[:1<<20] + `x"]}]`,
	} {
		r, taken := &ended{Reader: strings.NewReader(body)}, 0
		table := records.NewTable([]records.Name{{Key: "A"}, {Key: "B"}, {Key: "C"}})
		err := records.Array(r, "", table, func(o *records.Object) error {
			return o.Members(elements{o, func(value jsontext.Value) records.Problem {
				r.err = over
				taken += len(value)
				return records.None
			}})
		})
		if !errors.Is(err, over) {
			t.Errorf("%s: Array() = %v, want %v", name, err, over)
		}
		if taken == 0 || taken > 256<<10 {
			t.Errorf("%s: bytes taken after the end = %d, want 1 to 256 KiB", name, taken)
		}
	}
}
