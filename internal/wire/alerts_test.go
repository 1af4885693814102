package wire_test

import (
	"bytes"
	"maps"
	"reflect"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// decode returns what another implementation reads, with whole numbers as int64.
func decode(t *testing.T, encoded []byte) any {
	t.Helper()
	decoder := msgpack.NewDecoder(bytes.NewReader(encoded))
	decoder.UseLooseInterfaceDecoding(true)
	value, err := decoder.DecodeInterface()
	if err != nil {
		t.Fatalf("decode(%x): %v", encoded, err)
	}
	return value
}

// with returns the attributes of fields that are null, except for those set.
func with(fields []alert.Field, set map[string]any) map[string]any {
	attributes := map[string]any{}
	for _, field := range fields {
		attributes[field.Name] = nil
		if field.Kind == alert.KindList {
			attributes[field.Name] = []any{}
		}
	}
	maps.Copy(attributes, set)
	return attributes
}

// index returns the index of the field of an attribute.
func index(t *testing.T, name string) int {
	t.Helper()
	for i, field := range append(alert.Fields[:], alert.Triage[:]...) {
		if field.Name == name {
			return i
		}
	}
	t.Fatalf("no field has the attribute %q", name)
	return -1
}

func TestAppendAlert(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fill        func(d *alert.Detection)
		set, triage map[string]any // triage is nil if the detection has none
	}{
		"nothing": {
			fill: func(*alert.Detection) {},
			set:  map[string]any{"additional": nil},
		},
		"every kind of field": {
			fill: func(d *alert.Detection) {
				d.SetText(index(t, "alert_title"), []byte("Suspicious PowerShell"))
				d.SetText(index(t, "severity"), []byte("High"))
				d.SetNumber(index(t, "alert_part"), 0)
				d.SetNumber(index(t, "report_id"), 53579864)
				d.SetBool(index(t, "remediation_is_success"), false)
				d.SetBool(index(t, "was_executing_while_detected"), true)
				d.SetText(index(t, "log_on_users"), []byte(`contoso\ann; contoso\bob`))
			},
			set: map[string]any{
				"alert_title": "Suspicious PowerShell", "severity": "High", "alert_part": int64(0), "report_id": int64(53579864),
				"remediation_is_success": false, "was_executing_while_detected": true,
				"log_on_users": []any{`contoso\ann`, `contoso\bob`}, "additional": nil,
			},
		},
		"other members": {
			fill: func(d *alert.Detection) {
				d.AddAdditional([]byte("Score"), []byte("12"))
				d.AddAdditional([]byte("Cafe\u0301"), []byte("\"e\u0301\""))
			},
			set: map[string]any{"additional": map[string]any{"Score": "12", "Caf\u00e9": "\"\u00e9\""}},
		},
		"texts that are not in NFC": {
			fill: func(d *alert.Detection) {
				d.SetText(index(t, "alert_title"), []byte("cafe\u0301"))
				d.SetText(index(t, "machine_group"), []byte("\u1100\u1161")) // without any ASCII
				d.SetList(index(t, "log_on_users"), [][]byte{[]byte("a\u0308"), []byte("\u00e4")})
			},
			set: map[string]any{
				"alert_title": "caf\u00e9", "machine_group": "\uac00", "log_on_users": []any{"\u00e4", "\u00e4"}, "additional": nil,
			},
		},
		"triage": {
			fill: func(d *alert.Detection) {
				d.SetText(index(t, "status"), []byte("inProgress"))
				d.SetList(index(t, "mitre_techniques"), [][]byte{[]byte("T1569.002"), []byte("T1059")})
			},
			set:    map[string]any{"additional": nil},
			triage: map[string]any{"status": "inProgress", "mitre_techniques": []any{"T1569.002", "T1059"}},
		},
		"triage without a field": {
			fill:   func(d *alert.Detection) { d.HasTriage = true },
			set:    map[string]any{"additional": nil},
			triage: map[string]any{},
		},
	} {
		d := new(alert.Detection)
		test.fill(d)
		want := with(alert.Fields[:], test.set)
		want["triage"] = nil
		if test.triage != nil {
			want["triage"] = with(alert.Triage[:], test.triage)
		}
		if got := decode(t, wire.AppendAlert(nil, d)); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s: AppendAlert() = %v, want %v", name, got, want)
		}
	}
}

// An alert follows what the buffer already has.
func TestAppendAlertAppends(t *testing.T) {
	t.Parallel()
	d := new(alert.Detection)
	if got, want := wire.AppendAlert([]byte{1, 2}, d), append([]byte{1, 2}, wire.AppendAlert(nil, d)...); !bytes.Equal(got, want) {
		t.Errorf("AppendAlert([1 2]) = %x, want %x", got, want)
	}
}
