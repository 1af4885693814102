package records_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

var table = records.NewTable([]records.Name{{Key: "Id"}, {Key: "Mark", Old: "Marc"}})

// A target keeps the members of an object as text, in their order.
type target struct {
	object  *records.Object
	members []string
}

func (t *target) Known(field int, value jsontext.Value) records.Problem {
	if value.Kind() == jsontext.KindNumber {
		return records.WrongType
	}
	text := "unset"
	if !records.IsUnset(value) {
		text = string(t.object.Text(value))
	}
	t.members = append(t.members, fmt.Sprintf("%d=%s", field, text))
	return records.None
}

func (t *target) Unknown(key, value []byte) {
	t.members = append(t.members, fmt.Sprintf("%s:%s", key, value))
}

// read reads a response and returns each object's members, with the number of
// replaced surrogates where there are any.
func read(r io.Reader) ([]string, error) {
	var objects []string
	err := records.Array(r, "request", table, func(o *records.Object) error {
		t := target{object: o}
		if err := o.Members(&t); err != nil {
			return err
		}
		text := fmt.Sprintf("%d %s", o.Index(), strings.Join(t.members, " "))
		if o.Replaced() > 0 {
			text += fmt.Sprintf(" (%d replaced)", o.Replaced())
		}
		objects = append(objects, text)
		return nil
	})
	return objects, err
}

func TestArray(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`[]`:                                    "",
		" [\n] \n":                              "",
		`[{}]`:                                  "0 ",
		`[{"Id":"a"},{"Mark":"m","Id":"b"}]`:    "0 0=a; 1 1=m 0=b",
		`[{"Id":"a","Mark":"b"},{"Marc":"m"}]`:  "0 0=a 1=b; 1 1=m",
		`[{"Id":null,"Mark":""}]`:               "0 0=unset 1=unset",
		`[{"I\u0064":"\u0061\n"}]`:              "0 0=a\n",
		`[{"New":{"b" : [1, 2]},"Other":null}]`: `0 New:{"b":[1,2]}`,
		`[{"e\u0301":1}]`:                       "0 \u00e9:1",
		`[{"N":1,"O":2,"Id":"a","Mark":"b"},{"Id":"c"}]`: `0 N:1 O:2 0=a 1=b; 1 0=c`,
		`[{"Id":"\ud800"}]`:      "0 0=\ufffd (1 replaced)",
		`[{"N\ud800":"\ud800"}]`: "0 N\ufffd:\"\\ud800\" (1 replaced)",
	} {
		for _, r := range []io.Reader{strings.NewReader(body), iotest.OneByteReader(strings.NewReader(body))} {
			objects, err := read(r)
			if err != nil {
				t.Errorf("Array(%s) fails with %v, want nil", body, err)
			}
			if got := strings.Join(objects, "; "); got != want {
				t.Errorf("Array(%s) = %q, want %q", body, got, want)
			}
		}
	}
}

func TestArrayProblems(t *testing.T) {
	t.Parallel()
	many := strings.Builder{}
	for i := range 257 {
		fmt.Fprintf(&many, `"n%d":1,`, i)
	}
	for body, want := range map[string]records.Error{
		``:                                  {Problem: records.Empty, Index: -1},
		` `:                                 {Problem: records.Empty, Index: -1},
		`null`:                              {Problem: records.NotArray, Index: -1},
		`{}`:                                {Problem: records.NotArray, Index: -1},
		`[`:                                 {Problem: records.Malformed, Index: -1},
		`[{"Id":"a"`:                        {Problem: records.Malformed, Index: 0},
		`[{}`:                               {Problem: records.Malformed, Index: -1},
		`[{}]]`:                             {Problem: records.TrailingData, Index: -1},
		`[{}][]`:                            {Problem: records.TrailingData, Index: -1},
		`[null]`:                            {Problem: records.NotObject, Index: 0},
		`[{},1]`:                            {Problem: records.NotObject, Index: 1},
		`[{"Id":"a","Id":"a"}]`:             {Problem: records.DuplicateKey, Index: 0, Field: "Id"},
		`[{"Id":"a","I\u0064":"a"}]`:        {Problem: records.DuplicateKey, Index: 0, Field: "Id"},
		`[{},{"id":"a"}]`:                   {Problem: records.OtherCase, Index: 1, Field: "Id"},
		`[{"Mar\u212a":"a"}]`:               {Problem: records.OtherCase, Index: 0, Field: "Mark"},
		`[{"Mark":"a","Marc":"a"}]`:         {Problem: records.TwoSpellings, Index: 0, Field: "Mark"},
		`[{"Id":1}]`:                        {Problem: records.WrongType, Index: 0, Field: "Id"},
		`[{"N":1,"N":2}]`:                   {Problem: records.DuplicateKey, Index: 0},
		`[{"\u00e9":1,"e\u0301":2}]`:        {Problem: records.DuplicateKey, Index: 0},
		`[{"N":{"a":[{"b":1,"b":2}]}}]`:     {Problem: records.DuplicateKey, Index: 0},
		`[{` + many.String() + `"Id":"a"}]`: {Problem: records.TooManyKeys, Index: 0},
		`[{"` + strings.Repeat("x", 4<<10+1) + `":1}]`:                                                                         {Problem: records.LargeUnknown, Index: 0},
		`[{"M":"` + strings.Repeat("x", 1<<20-2) + `","N":"` + strings.Repeat("x", 1<<20-2) + `"}]`:                            {Problem: records.LargeUnknown, Index: 0},
		`[{"N":"` + strings.Repeat("x", 1<<20-1) + `"}]`:                                                                       {Problem: records.LargeUnknown, Index: 0},
		`[{"M":"` + strings.Repeat("x", 1<<20-2) + `","N":"` + strings.Repeat("x", 1<<20-6) + `","O":null,"P":null,"Q":null}]`: {Problem: records.LargeUnknown, Index: 0},
		`[{"N":{"a":[` + strings.Repeat("0,", 1<<20) + `0]}}]`:                                                                 {Problem: records.LargeUnknown, Index: 0},
		`[{"Id":"` + strings.Repeat("x", 2<<20-1) + `"}]`:                                                                      {Problem: records.LongText, Index: 0, Field: "Id"},
		`[{"N":"` + strings.Repeat("x", 9<<20) + `"}]`:                                                                         {Problem: records.TooLargeRecord, Index: 0},
		strings.Repeat(" ", 9<<20) + `[]`:                                                                                      {Problem: records.TooLargeRecord, Index: -1},
	} {
		_, err := read(strings.NewReader(body))
		got, ok := errors.AsType[*records.Error](err)
		if !ok {
			t.Errorf("Array(%.40s) fails with %v, want a *records.Error", body, err)
			continue
		}
		if got.Offset < 0 || got.Offset > int64(len(body)) {
			t.Errorf("offset of the error of Array(%.40s) = %d, want 0 to %d", body, got.Offset, len(body))
		}
		want.Offset, want.RequestID = got.Offset, "request"
		if *got != want {
			t.Errorf("Array(%.40s) fails with %+v, want %+v", body, *got, want)
		}
	}
}

// A record may be as large as the limits.
func TestArrayLimits(t *testing.T) {
	t.Parallel()
	const mebibyte = 1 << 20
	text := func(size int) string { return `"` + strings.Repeat("x", size-2) + `"` }
	many := strings.Builder{}
	for i := range 256 {
		fmt.Fprintf(&many, `"n%d":1,`, i)
	}
	for name, members := range map[string]string{
		"a text of 2 MiB":            `"Id":` + text(2*mebibyte),
		"an unknown key of 4 KiB":    `"` + strings.Repeat("x", 4<<10) + `":1`,
		"an unknown value of 1 MiB":  `"N":` + text(mebibyte),
		"unknown values of 2 MiB":    `"M":` + text(mebibyte) + `,"N":` + text(mebibyte-2),
		"2 MiB before a value":       `"M":` + text(mebibyte) + `,"N":` + text(mebibyte-4) + `,"O":null,"P":null`,
		"256 unknown keys":           many.String() + `"Id":"a"`,
		"a record of 8 MiB, as sent": strings.Repeat(" ", 8*mebibyte-len(`[{"Id":"a"}`)) + `"Id":"a"`,
	} {
		if _, err := read(strings.NewReader(`[{` + members + `}]`)); err != nil {
			t.Errorf("%s: Array() = %v, want nil", name, err)
		}
	}
}

// A key without any ASCII can be a known one in another case: the Kelvin sign and the
// long s are forms of k and s.
func TestArrayOtherCaseWithoutASCII(t *testing.T) {
	t.Parallel()
	for key, sent := range map[string]string{"Ks": `\u212a\u017f`, "Kk": `\u212a\u212a`} {
		err := records.Array(strings.NewReader(`[{"`+sent+`":"a"}]`), "", records.NewTable([]records.Name{{Key: key}}), func(o *records.Object) error {
			return o.Members(&target{object: o})
		})
		if got, ok := errors.AsType[*records.Error](err); !ok || got.Problem != records.OtherCase || got.Field != key {
			t.Errorf("Array() of the key %s fails with %v, want %s of %s", sent, err, records.OtherCase, key)
		}
	}
}

// Errors of the reader below and of the caller are returned unchanged.
func TestArrayReturnsErrorsOfOthers(t *testing.T) {
	t.Parallel()
	broken, refused := errors.New("broken"), errors.New("refused")
	const body = `[{"Id":"a","N":{"a":[{"b":"\u0061"}]}},{"Id":"b"}]`
	for end := range len(body) + 1 {
		if _, err := read(io.MultiReader(strings.NewReader(body[:end]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("Array over a reader that is broken after %q fails with %v, want %v", body[:end], err, broken)
		}
	}
	for _, own := range []error{refused, io.EOF, io.ErrUnexpectedEOF, &jsontext.SyntacticError{}} {
		calls := 0
		err := records.Array(strings.NewReader(`[{},{}]`), "", table, func(*records.Object) error { calls++; return own })
		if !errors.Is(err, own) {
			t.Errorf("Array fails with %v, want the caller's %v", err, own)
		}
		if calls != 1 {
			t.Errorf("calls of the function that fails with %v = %d, want 1", own, calls)
		}
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	body := ` {"a":"x","b":{"c":[1]}} `
	members, err := records.Members(strings.NewReader(body))
	if err != nil {
		t.Fatalf("Members(%s) fails with %v, want nil", body, err)
	}
	if got, want := fmt.Sprintf("%q", members), `map["a":"\"x\"" "b":"{\"c\":[1]}"]`; got != want {
		t.Errorf("Members(%s) = %s, want %s", body, got, want)
	}
	for _, body := range []string{
		``, `null`, `[]`, `"a"`, `{`, `{"a":1`, `{"a":1}{}`, `{"a":1}x`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":"\ud800"}`, "{\"a\":\"\xff\"}",
	} {
		if got, err := records.Members(strings.NewReader(body)); err == nil {
			t.Errorf("Members(%s) = %q, want an error", body, got)
		}
	}
}
