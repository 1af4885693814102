package alert_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// field returns the index of the field with the given attribute name.
func field(t testing.TB, name string) int {
	t.Helper()
	for i, f := range alert.Fields {
		if f.Name == name {
			return i
		}
	}
	t.Fatalf("field %s is missing", name)
	return 0
}

func TestAlertIsEmptyAtFirst(t *testing.T) {
	t.Parallel()
	var d alert.Detection
	wantEmpty(t, &d)

	record{severity: "High", fullID: "f", part: "7", replaced: 3}.fill(t, &d, 5)
	for i := range alert.Fields {
		d.SetBool(i, true)
	}
	d.AddAdditional([]byte("New"), []byte("1"))
	d.Reset(9)
	wantEmpty(t, &d)
	wantNumber(t, "Index after Reset(9)", d.Index, 9)
}

// wantEmpty fails the test unless every field of a is null and nothing else is set.
func wantEmpty(t *testing.T, d *alert.Detection) {
	t.Helper()
	for i, f := range alert.Fields {
		if !d.IsNull(i) {
			t.Errorf("IsNull(%s) = false, want true", f.Name)
		}
		if got := d.Text(i); got != nil {
			t.Errorf("Text(%s) = %q, want nil", f.Name, got)
		}
		if got := d.Number(i); got != 0 {
			t.Errorf("Number(%s) = %d, want 0", f.Name, got)
		}
		if d.Bool(i) {
			t.Errorf("Bool(%s) = true, want false", f.Name)
		}
		for element := range d.List(i) {
			t.Errorf("List(%s) has the element %q, want none", f.Name, element)
		}
	}
	if got := d.Additional(); len(got) != 0 {
		t.Errorf("Additional() = %s, want none", got)
	}
	if !d.Processed.IsZero() {
		t.Errorf("Processed = %v, want the zero time", d.Processed)
	}
	if d.Severity != 0 {
		t.Errorf("Severity = %v, want 0", d.Severity)
	}
	wantNumber(t, "Replaced", d.Replaced, 0)
}

func TestAlertTexts(t *testing.T) {
	t.Parallel()
	var d alert.Detection
	d.Reset(0)
	// As sent: neither trimmed nor normalized, while the buffer grows.
	texts := map[int]string{
		alert.FieldAlertTitle:     " caf\u0065\u0301\r\n::error::\x00\u202e ",
		alert.FieldCategory:       "Malware",
		field(t, "command_line"):  strings.Repeat("x", 1<<20),
		field(t, "log_on_users"):  "a;b",
		alert.FieldMachineGroup:   " ",
		field(t, "file_name"):     "\ufffd",
		field(t, "alert_time"):    "2020",
		field(t, "ioc_unique_id"): "last",
	}
	for i, text := range texts {
		setText(t, &d, i, text)
	}
	for i, f := range alert.Fields {
		want, set := texts[i]
		if got := d.Text(i); string(got) != want {
			t.Errorf("Text(%s) = %.40q, want %.40q", f.Name, got, want)
		}
		if got := d.IsNull(i); got == set {
			t.Errorf("IsNull(%s) = %t, want %t", f.Name, got, !set)
		}
	}
}

func TestAlertTextEmptyIsNull(t *testing.T) {
	t.Parallel()
	var d alert.Detection
	d.Reset(0)
	setText(t, &d, alert.FieldCategory, "")
	if !d.IsNull(alert.FieldCategory) {
		t.Error("IsNull of an empty text = false, want true")
	}
	if got := d.Text(alert.FieldCategory); got != nil {
		t.Errorf("Text of an empty text = %q, want nil", got)
	}
	setText(t, &d, alert.FieldCategory, "Malware")
	setText(t, &d, alert.FieldCategory, "")
	if !d.IsNull(alert.FieldCategory) {
		t.Error("IsNull of a text replaced by an empty one = false, want true")
	}
}

// A caller that appends to a text does not write into the next one.
func TestAlertTextsAreSeparate(t *testing.T) {
	t.Parallel()
	a := newAlert(t, record{})
	setText(t, a, alert.FieldCategory, "one")
	setText(t, a, alert.FieldSource, "two")
	if got := append(a.Text(alert.FieldCategory), "!!!"...); string(got) != "one!!!" {
		t.Errorf("append(Text(category), !!!) = %q, want %q", got, "one!!!")
	}
	if got := a.Text(alert.FieldSource); string(got) != "two" {
		t.Errorf("Text(source) after an append to the text before = %q, want %q", got, "two")
	}
}

func TestAlertNumbersAndBools(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, -1, 1053729833, 1<<53 + 1, 1<<63 - 1, -1 << 63} {
		var d alert.Detection
		d.SetNumber(alert.FieldAlertPart, n)
		if d.IsNull(alert.FieldAlertPart) {
			t.Errorf("IsNull after SetNumber(%d) = true, want false", n)
		}
		if got := d.Number(alert.FieldAlertPart); got != n {
			t.Errorf("Number after SetNumber(%d) = %d, want the same", n, got)
		}
	}
	success := field(t, "remediation_is_success")
	var d alert.Detection
	for _, b := range []bool{false, true, false} {
		d.SetBool(success, b)
		if d.IsNull(success) {
			t.Errorf("IsNull after SetBool(%t) = true, want false", b)
		}
		if got := d.Bool(success); got != b {
			t.Errorf("Bool after SetBool(%t) = %t, want the same", b, got)
		}
	}
}

func TestAlertLists(t *testing.T) {
	t.Parallel()
	users := field(t, "log_on_users")
	tests := map[string][]string{
		"":                        nil,
		" ":                       nil,
		";":                       nil,
		" ; \t;":                  nil,
		" ,\t,":                   nil,
		"a":                       {"a"},
		" a ":                     {"a"},
		"10.4.18.162;127.0.0.1":   {"10.4.18.162", "127.0.0.1"},
		"10.4.18.162, 127.0.0.1":  {"10.4.18.162", "127.0.0.1"},
		`contoso\liz; contoso\jo`: {`contoso\liz`, `contoso\jo`},
		"a,b;c":                   {"a,b", "c"}, // a comma separates only without a semicolon
		"Doe, J.;":                {"Doe, J."},
		";a;;b;":                  {"a", "b"},
		"a;a":                     {"a", "a"},
		"b;a":                     {"b", "a"},
		"a b;\r\nc":               {"a b", "c"},
		"fe80::1%eth0;::1":        {"fe80::1%eth0", "::1"},
		"\u00a0a\u2003;b\u037e":   {"a", "b\u037e"}, // a Greek question mark only looks like ";"
		"\ufffd;b":                {"\ufffd", "b"},
	}
	for text, want := range tests {
		a := newAlert(t, record{})
		setText(t, a, users, text)
		setText(t, a, alert.FieldCategory, ";x")
		var got []string
		for element := range a.List(users) {
			got = append(got, string(element))
		}
		if !slices.Equal(got, want) {
			t.Errorf("List of %q = %q, want %q", text, got, want)
		}
	}
}

func TestAlertListStops(t *testing.T) {
	t.Parallel()
	users := field(t, "log_on_users")
	a := newAlert(t, record{})
	setText(t, a, users, "a;b;c")
	var got []string
	for element := range a.List(users) {
		if got = append(got, string(element)); len(got) == 2 {
			break
		}
	}
	if want := []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("List until a break = %q, want %q", got, want)
	}
}

func TestAlertAdditional(t *testing.T) {
	t.Parallel()
	a := newAlert(t, record{})
	a.AddAdditional([]byte("Zeta"), []byte(`{"a":1}`))
	a.AddAdditional([]byte("Alpha"), []byte("null"))
	want := []alert.Additional{
		{Key: []byte("Zeta"), JSON: []byte(`{"a":1}`)},
		{Key: []byte("Alpha"), JSON: []byte("null")},
	}
	if got := a.Additional(); !slices.EqualFunc(got, want, func(x, y alert.Additional) bool {
		return bytes.Equal(x.Key, y.Key) && bytes.Equal(x.JSON, y.JSON)
	}) {
		t.Errorf("Additional() = %s, want %s", got, want)
	}
}
