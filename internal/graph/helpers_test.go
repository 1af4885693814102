package graph

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

func payload(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A result is an alert as a test sees it: its fields that are not null, by the name
// of their attribute, as text; those of the triage with the prefix "triage.".
type result struct {
	attributes map[string]string
	additional map[string]string
	alert      *alert.Detection
	created    string
	groups     []string
	tags       []string
}

// newResult copies an alert. Elements of a list are separated by " | ".
func newResult(a *Alert) result {
	r := result{attributes: map[string]string{}, additional: map[string]string{}, alert: a.Detection.Clone()}
	addField := func(name string, field int, kind alert.Kind) {
		d := &a.Detection
		if d.IsNull(field) {
			return
		}
		switch kind {
		case alert.KindText:
			r.attributes[name] = string(d.Text(field))
		case alert.KindNumber:
			r.attributes[name] = fmt.Sprint(d.Number(field))
		case alert.KindBool:
			r.attributes[name] = fmt.Sprint(d.Bool(field))
		case alert.KindList:
			r.attributes[name] = strings.Join(texted(slices.Collect(d.List(field))), " | ")
		}
	}
	for i, field := range alert.Fields {
		addField(field.Name, i, field.Kind)
	}
	for i, field := range alert.Triage {
		addField("triage."+field.Name, len(alert.Fields)+i, field.Kind)
	}
	for _, member := range a.Detection.Additional() {
		r.additional[string(member.Key)] = string(member.JSON)
	}
	if !a.Created.IsZero() {
		r.created = a.Created.Format("2006-01-02T15:04:05.999999999Z07:00")
	}
	r.groups, r.tags = texted(a.Groups), texted(a.Tags)
	return r
}

func texted(list [][]byte) []string {
	var out []string
	for _, text := range list {
		out = append(out, string(text))
	}
	return out
}

// decodeAll decodes a page.
func decodeAll(body string) ([]result, records.PageInfo, error) {
	var results []result
	info, err := decode(strings.NewReader(body), "request", func(a *Alert) error {
		results = append(results, newResult(a))
		return nil
	})
	return results, info, err
}

// pageOf returns a page of one alert that has the required members and these.
func pageOf(members string) string {
	if members != "" {
		members = "," + members
	}
	return `{"value":[{"id":"a","severity":"low","lastUpdateDateTime":"2026-03-01T00:00:00Z"` + members + `}]}`
}

// decodeOne decodes a page of one alert with these members.
func decodeOne(t *testing.T, members string) result {
	t.Helper()
	results, _, err := decodeAll(pageOf(members))
	if err != nil {
		t.Fatalf("decode of %s fails with %v, want nil", members, err)
	}
	if len(results) != 1 {
		t.Fatalf("decode of %s yields %d alerts, want 1", members, len(results))
	}
	return results[0]
}

// withEvidence decodes an alert with these pieces of evidence.
func withEvidence(t *testing.T, pieces ...string) result {
	t.Helper()
	return decodeOne(t, `"evidence":[`+strings.Join(pieces, ",")+`]`)
}

// piece returns a piece of evidence of a type, such as "file", with these members.
func piece(kind, members string) string {
	if members != "" {
		members = "," + members
	}
	return `{"@odata.type":"#microsoft.graph.security.` + kind + `Evidence"` + members + `}`
}

// wantAttributes fails the test unless the attributes that are not null are these.
func wantAttributes(t *testing.T, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s = %q, want null", name, got[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if found, ok := got[name]; !ok || found != want[name] {
			t.Errorf("%s = %q, set is %t, want %q", name, found, ok, want[name])
		}
	}
}

// wantSome fails the test unless these attributes have these values; "" is null.
func (r result) wantSome(t *testing.T, what string, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got := r.attributes[name]; got != want[name] {
			t.Errorf("%s: %s = %q, want %q", what, name, got, want[name])
		}
	}
}

// wantProblem fails the test unless an error is a problem of a record's field.
func wantProblem(t *testing.T, what string, err error, problem records.Problem, index int, field string) {
	t.Helper()
	got, ok := errors.AsType[*records.Error](err)
	if !ok {
		t.Errorf("%s: error = %v, want %s", what, err, problem)
		return
	}
	if got.Problem != problem || got.Index != index || got.Field != field || got.RequestID != "request" {
		t.Errorf("%s: error = %+v, want %s of record %d, field %q", what, *got, problem, index, field)
	}
}
