package alert_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func TestTriageFields(t *testing.T) {
	t.Parallel()
	const names = `status classification determination assigned_to incident_id service_source mitre_techniques
		investigation_state last_update_time first_activity_time last_activity_time resolved_time product_name`
	var got []string
	for _, f := range alert.Triage {
		got = append(got, f.Name)
		if f.Old != "" {
			t.Errorf("old key of field %s of the triage = %q, want none", f.Key, f.Old)
		}
		if d := f.Description; d == "" || d != strings.TrimSpace(d) || !strings.HasSuffix(d, ".") {
			t.Errorf("description of field %s of the triage = %q, want sentences", f.Key, d)
		}
		want := alert.KindText
		if f.Name == "mitre_techniques" {
			want = alert.KindList
		}
		if f.Kind != want {
			t.Errorf("kind of field %s of the triage = %d, want %d", f.Key, f.Kind, want)
		}
	}
	if want := strings.Fields(names); !slices.Equal(got, want) {
		t.Errorf("fields of the triage =\n%q, want\n%q", got, want)
	}
	for key, index := range map[string]int{
		"status":          alert.FieldStatus,
		"classification":  alert.FieldClassification,
		"serviceSource":   alert.FieldServiceSource,
		"mitreTechniques": alert.FieldMitreTechniques,
	} {
		if got := alert.Triage[index-len(alert.Fields)].Key; got != key {
			t.Errorf("key of the triage with the index of %s = %s, want the same", key, got)
		}
	}
}

func TestHasTriage(t *testing.T) {
	t.Parallel()
	var d alert.Detection
	d.SetText(alert.FieldSeverity, []byte("Low"))
	if d.HasTriage {
		t.Error("HasTriage after a field of Fields = true, want false")
	}
	d.SetText(alert.FieldStatus, nil)
	if d.HasTriage {
		t.Error("HasTriage after an empty status = true, want false")
	}
	d.SetText(alert.FieldStatus, []byte("new"))
	if c := d.Clone(); !d.HasTriage || !c.HasTriage || string(c.Text(alert.FieldStatus)) != "new" {
		t.Errorf("HasTriage = %t, of the clone %t with status %q, want true and new", d.HasTriage, c.HasTriage, c.Text(alert.FieldStatus))
	}
	d.Reset(0)
	if d.HasTriage || !d.IsNull(alert.FieldStatus) {
		t.Errorf("after Reset HasTriage = %t, IsNull(status) = %t, want false and true", d.HasTriage, d.IsNull(alert.FieldStatus))
	}
}

func TestSetList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ elements, want []string }{
		{nil, nil},
		{[]string{"a"}, []string{"a"}},
		{[]string{"a;b", "c,d", `host\Doe, Jane`}, []string{"a;b", "c,d", `host\Doe, Jane`}},
		{[]string{" a ", "", "\t", "é\ufffd"}, []string{"a", "é\ufffd"}},
	} {
		var d alert.Detection
		d.SetText(alert.FieldAlertTitle, []byte("before"))
		var elements [][]byte
		for _, element := range test.elements {
			elements = append(elements, []byte(element))
		}
		d.SetList(alert.FieldMitreTechniques, elements)
		d.SetText(alert.FieldCategory, []byte("after"))
		for _, detection := range []*alert.Detection{&d, d.Clone()} {
			var got []string
			for element := range detection.List(alert.FieldMitreTechniques) {
				got = append(got, string(element))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("List after SetList(%q) = %q, want %q", test.elements, got, test.want)
			}
		}
		if got := d.IsNull(alert.FieldMitreTechniques); got != (len(test.elements) == 0) {
			t.Errorf("IsNull after SetList(%q) = %t, want %t", test.elements, got, !got)
		}
	}
}

func TestSetTexts(t *testing.T) {
	t.Parallel()
	for want, texts := range map[string][][]byte{
		"":      nil,
		"a":     {[]byte("a")},
		"a;b;c": {[]byte("a"), []byte("b;c")},
	} {
		var d alert.Detection
		d.SetText(alert.FieldAlertTitle, []byte("before"))
		d.SetTexts(alert.FieldCategory, texts)
		d.CopyText(alert.FieldSource, alert.FieldCategory)
		for _, field := range []int{alert.FieldCategory, alert.FieldSource} {
			if got := string(d.Text(field)); got != want {
				t.Errorf("Text after SetTexts(%q) = %q, want %q", texts, got, want)
			}
			if got := d.IsNull(field); got != (want == "") {
				t.Errorf("IsNull after SetTexts(%q) = %t, want %t", texts, got, !got)
			}
		}
	}
}

// The filters of triage keep what nobody has decided on: a text that is null or that
// Microsoft does not document.
func TestFilterTriage(t *testing.T) {
	t.Parallel()
	open, benign := []string{"new", "inProgress"}, []string{"falsePositive", "informationalExpectedActivity"}
	for _, test := range []struct {
		filter                 alert.Filter
		status, classification string
		want                   int
	}{
		{alert.Filter{}, "resolved", "falsePositive", 1},
		{alert.Filter{Statuses: open}, "new", "", 1},
		{alert.Filter{Statuses: open}, "inProgress", "falsePositive", 1},
		{alert.Filter{Statuses: open}, "resolved", "truePositive", 0},
		{alert.Filter{Statuses: open}, "", "", 1},
		{alert.Filter{Statuses: open}, "unknownFutureValue", "", 1},
		{alert.Filter{ExcludedClassifications: benign}, "resolved", "falsePositive", 0},
		{alert.Filter{ExcludedClassifications: benign}, "new", "truePositive", 1},
		{alert.Filter{ExcludedClassifications: benign}, "new", "", 1},
		{alert.Filter{ExcludedClassifications: benign}, "new", "unknownFutureValue", 1},
		{alert.Filter{Statuses: open, ExcludedClassifications: benign}, "new", "falsePositive", 0},
	} {
		s := alert.NewSelection(alert.SelectionOptions{Filter: test.filter})
		var d alert.Detection
		record{}.fill(t, &d, 0)
		d.SetText(alert.FieldStatus, []byte(test.status))
		d.SetText(alert.FieldClassification, []byte(test.classification))
		mustAdd(t, s, &d)
		wantNumber(t, "alerts of status "+test.status+", classification "+test.classification, s.Summary().Alerts, test.want)
	}
}
