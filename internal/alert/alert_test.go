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
	t.Fatalf("no field %s", name)
	return 0
}

func TestAlertIsEmptyAtFirst(t *testing.T) {
	t.Parallel()
	var a alert.Alert
	check := func(t *testing.T) {
		t.Helper()
		for i, f := range alert.Fields {
			if !a.IsNull(i) || a.Text(i) != nil || a.Number(i) != 0 || a.Bool(i) {
				t.Errorf("%s has a value", f.Name)
			}
			for range a.List(i) {
				t.Errorf("%s has elements", f.Name)
			}
		}
		if len(a.Additional()) != 0 || !a.Processed.IsZero() || a.Severity != 0 || a.Replaced != 0 {
			t.Error("something is left")
		}
	}
	check(t)

	record{severity: "High", fullID: "f", part: "7", replaced: 3}.fill(t, &a, 5)
	for i := range alert.Fields {
		a.SetBool(i, true)
	}
	a.AddAdditional([]byte("New"), []byte("1"))
	a.Reset(9)
	check(t)
	if a.Index != 9 {
		t.Errorf("the position is %d, want 9", a.Index)
	}
}

func TestAlertTexts(t *testing.T) {
	t.Parallel()
	var a alert.Alert
	a.Reset(0)
	// As sent: neither trimmed nor normalized, and the buffer grows under them.
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
		setText(t, &a, i, text)
	}
	for i, f := range alert.Fields {
		want, set := texts[i]
		if got := a.Text(i); string(got) != want || a.IsNull(i) == set {
			t.Errorf("%s is %.40q, null %t", f.Name, got, a.IsNull(i))
		}
	}
}

func TestAlertTextEmptyIsNull(t *testing.T) {
	t.Parallel()
	var a alert.Alert
	a.Reset(0)
	setText(t, &a, alert.FieldCategory, "")
	if !a.IsNull(alert.FieldCategory) || a.Text(alert.FieldCategory) != nil {
		t.Error("an empty text is not null")
	}
	setText(t, &a, alert.FieldCategory, "Malware")
	setText(t, &a, alert.FieldCategory, "")
	if !a.IsNull(alert.FieldCategory) {
		t.Error("the last text does not win")
	}
}

// A caller that appends to a text does not write into the next one.
func TestAlertTextsAreApart(t *testing.T) {
	t.Parallel()
	a := newAlert(t, record{})
	setText(t, a, alert.FieldCategory, "one")
	setText(t, a, alert.FieldSource, "two")
	if got := append(a.Text(alert.FieldCategory), "!!!"...); string(got) != "one!!!" {
		t.Errorf("got %q", got)
	}
	if got := a.Text(alert.FieldSource); string(got) != "two" {
		t.Errorf("the next text became %q", got)
	}
}

func TestAlertNumbersAndBools(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, -1, 1053729833, 1<<53 + 1, 1<<63 - 1, -1 << 63} {
		var a alert.Alert
		a.SetNumber(alert.FieldAlertPart, n)
		if a.IsNull(alert.FieldAlertPart) || a.Number(alert.FieldAlertPart) != n {
			t.Errorf("%d became %d, null %t", n, a.Number(alert.FieldAlertPart), a.IsNull(alert.FieldAlertPart))
		}
	}
	success := field(t, "remediation_is_success")
	var a alert.Alert
	for _, b := range []bool{false, true, false} {
		a.SetBool(success, b)
		if a.IsNull(success) || a.Bool(success) != b {
			t.Errorf("%t became %t, null %t", b, a.Bool(success), a.IsNull(success))
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
		" ; ,\t;":                 nil,
		"a":                       {"a"},
		" a ":                     {"a"},
		"10.4.18.162;127.0.0.1":   {"10.4.18.162", "127.0.0.1"},
		"10.4.18.162, 127.0.0.1":  {"10.4.18.162", "127.0.0.1"},
		`contoso\liz; contoso\jo`: {`contoso\liz`, `contoso\jo`},
		"a,b;c":                   {"a", "b", "c"},
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
			t.Errorf("%q is %q, want %q", text, got, want)
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
	if !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
}

func TestAlertAdditional(t *testing.T) {
	t.Parallel()
	a := newAlert(t, record{})
	a.AddAdditional([]byte("Zeta"), []byte(`{"a":1}`))
	a.AddAdditional([]byte("Alpha"), []byte("null"))
	want := []alert.Additional{{Key: []byte("Zeta"), JSON: []byte(`{"a":1}`)}, {Key: []byte("Alpha"), JSON: []byte("null")}}
	if !slices.EqualFunc(a.Additional(), want, func(x, y alert.Additional) bool {
		return bytes.Equal(x.Key, y.Key) && bytes.Equal(x.JSON, y.JSON)
	}) {
		t.Errorf("got %s, want %s", a.Additional(), want)
	}
}
