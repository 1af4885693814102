package siem

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// table holds the keys of alert.Fields, in their order.
var table = func() *records.Table {
	names := make([]records.Name, len(alert.Fields))
	for i, field := range alert.Fields {
		names[i] = records.Name{Key: field.Key, Old: field.Old}
	}
	return records.NewTable(names)
}()

// required are the fields that a gate needs.
var required = [...]int{alert.FieldAlertID, alert.FieldSeverity, alert.FieldLastProcessed}

// exact are the fields that identify or rank a detection: text that lost a
// character there could make two detections one, or change a severity.
var exact = [...]int{alert.FieldAlertID, alert.FieldFullID, alert.FieldSeverity}

// decode reads a response to its end and calls add for each detection as it
// arrives. It returns nil only for a whole, valid array. An error of add ends it.
func decode(r io.Reader, requestID string, add func(*alert.Detection) error) error {
	var d detection
	return records.Array(r, requestID, table, func(o *records.Object) error {
		if err := d.read(o); err != nil {
			return err
		}
		return add(&d.alert)
	})
}

// A detection is the record being decoded: its object and the resulting alert.Detection.
type detection struct {
	alert  alert.Detection
	object *records.Object
}

func (d *detection) read(o *records.Object) error {
	d.object = o
	d.alert.Reset(o.Index())
	if err := o.Members(d); err != nil {
		return err
	}
	for _, field := range required {
		if d.alert.IsNull(field) {
			return o.Error(records.MissingField, field)
		}
	}
	if d.alert.IsLong() {
		return o.Error(records.LongTexts, alert.NoField)
	}
	if field := d.alert.LongField(); field != alert.NoField {
		return o.Error(records.LongText, field)
	}
	processed, err := alert.ParseTime(string(d.alert.Text(alert.FieldLastProcessed)))
	if err != nil {
		return o.Error(records.NotTime, alert.FieldLastProcessed)
	}
	d.alert.Processed = processed
	d.alert.Severity = alert.ParseSeverity(string(d.alert.Text(alert.FieldSeverity)))
	d.alert.Replaced = o.Replaced()
	d.setIdentity()
	return nil
}

// setIdentity identifies a detection by its full_id and alert_part. The text is
// last, so that no two pairs have one encoding; a null alert_part is not 0.
func (d *detection) setIdentity() {
	fullID := d.alert.Text(alert.FieldFullID)
	if len(fullID) == 0 {
		return
	}
	hasPart := byte(1)
	if d.alert.IsNull(alert.FieldAlertPart) {
		hasPart = 0
	}
	identity := append(d.alert.Identity[:0], hasPart)
	identity = binary.BigEndian.AppendUint64(identity, uint64(d.alert.Number(alert.FieldAlertPart)))
	d.alert.Identity = append(identity, fullID...)
}

// Known sets a field of the detection. null and "" count as no value, for every
// type of field.
func (d *detection) Known(field int, value jsontext.Value) records.Problem {
	if records.IsUnset(value) {
		return records.None
	}
	switch alert.Fields[field].Kind {
	case alert.KindNumber:
		// Some responses have numbers as strings.
		n, err := strconv.ParseInt(string(bytes.Trim(value, `"`)), 10, 64)
		if err != nil {
			return records.WrongType
		}
		d.alert.SetNumber(field, n)
	case alert.KindBool:
		// Some responses have bools as strings.
		switch string(value) {
		case `true`, `"true"`, `"True"`, `"TRUE"`:
			d.alert.SetBool(field, true)
		case `false`, `"false"`, `"False"`, `"FALSE"`:
			d.alert.SetBool(field, false)
		default:
			return records.WrongType
		}
	default:
		if alert.Fields[field].Kind == alert.KindList && value.Kind() == jsontext.KindBeginArray {
			return d.setList(field, value)
		}
		if value.Kind() != jsontext.KindString {
			return records.WrongType
		}
		replaced := d.object.Replaced()
		d.alert.SetText(field, d.object.Text(value))
		if d.object.Replaced() > replaced && slices.Contains(exact[:], field) {
			return records.LossyText
		}
	}
	return records.None
}

// maxElements is the maximum number of elements of a list.
const maxElements = 1 << 16

// setList sets a field to an array of strings, of which null and "" are no elements.
func (d *detection) setList(field int, array jsontext.Value) records.Problem {
	var list [][]byte
	n := 0
	problem := d.object.Elements(array, func(element jsontext.Value) records.Problem {
		switch n++; {
		case n > maxElements:
			return records.TooManyItems
		case records.IsUnset(element):
			return records.None
		case element.Kind() != jsontext.KindString:
			return records.WrongType
		}
		list = append(list, bytes.Clone(d.object.Text(element)))
		return records.None
	})
	d.alert.SetList(field, list)
	return problem
}

// Unknown keeps a member without a field in the table.
func (d *detection) Unknown(key, value []byte) { d.alert.AddAdditional(key, value) }
