package graph

import (
	"bytes"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// The members of an alert that code refers to.
const (
	createdKey    = "createdDateTime"
	evidenceKey   = "evidence"
	idKey         = "id"
	severityKey   = "severity"
	sourceKey     = "detectionSource"
	techniquesKey = "mitreTechniques"
	updatedKey    = "lastUpdateDateTime"
)

// members are the members of an alert that have a field in the mapping or in
// alert.Triage, and evidence. memberTable holds their keys, in the same order.
var (
	members     = newMembers()
	memberTable = records.NewTable(members.names())
)

// A member is one of the members of an alert.
type member struct {
	key    string
	fields []int // that it sets, by index into a detection
}

type memberList []member

func newMembers() memberList {
	list := memberList{{key: evidenceKey}}
	for i, row := range mapping {
		if row.member != "" && row.rule == nil {
			list = list.with(row.member, i)
		}
	}
	for i, field := range alert.Triage {
		list = list.with(field.Key, len(alert.Fields)+i)
	}
	return list
}

func (l memberList) with(key string, field int) memberList {
	for i := range l {
		if m := &l[i]; m.key == key {
			m.fields = append(m.fields, field)
			return l
		}
	}
	return append(l, member{key, []int{field}})
}

func (l memberList) index(key string) int {
	return slices.IndexFunc(l, func(m member) bool { return m.key == key })
}

func (l memberList) names() []records.Name {
	names := make([]records.Name, len(l))
	for i, m := range l {
		names[i] = records.Name{Key: m.key}
	}
	return names
}

// required are the members that a gate needs.
var required = [...]struct {
	key   string
	field int
}{
	{idKey, alert.FieldAlertID},
	{severityKey, alert.FieldSeverity},
	{updatedKey, alert.FieldLastProcessed},
}

// A decoder reads one alert after another.
type decoder struct {
	alert    Alert
	object   *records.Object
	texts    texts
	evidence evidence
}

func (d *decoder) read(o *records.Object) error {
	a := &d.alert
	a.Detection.Reset(o.Index())
	a.Detection.HasTriage = true
	a.Created, a.Groups, a.Tags = time.Time{}, nil, nil
	d.object = o
	d.texts.reset(o)
	if err := o.Members(d); err != nil {
		return err
	}
	for _, r := range required {
		if a.Detection.IsNull(r.field) {
			return o.Error(records.MissingField, members.index(r.key))
		}
	}
	if a.Detection.IsLong() {
		return o.Error(records.LongTexts, alert.NoField)
	}
	if field := a.Detection.LongField(); field != alert.NoField {
		return o.Error(records.LongText, members.index(mapping[field].member))
	}
	a.Detection.Replaced = o.Replaced()
	return nil
}

// Known sets the fields of a member. null and "" count as no value.
func (d *decoder) Known(field int, value jsontext.Value) records.Problem {
	m := &members[field]
	switch m.key {
	case evidenceKey:
		return d.setEvidence(value)
	case techniquesKey:
		return d.setTechniques(value)
	}
	if records.IsUnset(value) {
		return records.None
	}
	return d.setText(m, value)
}

// Unknown keeps a member that is not in the table.
func (d *decoder) Unknown(key, value []byte) { d.alert.Detection.AddAdditional(key, value) }

func (d *decoder) setText(m *member, value jsontext.Value) records.Problem {
	replaced := d.object.Replaced()
	text, problem := d.texts.read(value)
	if problem != records.None {
		return problem
	}
	// Text that lost a character could make two alerts one, or change a severity.
	if d.object.Replaced() > replaced && (m.key == idKey || m.key == severityKey) {
		return records.LossyText
	}
	detection := &d.alert.Detection
	var err error
	switch m.key {
	case idKey:
		detection.Identity = append(detection.Identity[:0], text...)
	case severityKey:
		detection.Severity = alert.ParseSeverity(string(text))
		text = []byte(severityWord(string(text)))
	case sourceKey:
		text = []byte(SourceWord(string(text)))
	case updatedKey:
		detection.Processed, err = alert.ParseTime(string(text))
	case createdKey:
		d.alert.Created, err = alert.ParseTime(string(text))
	}
	if err != nil {
		return records.NotTime
	}
	detection.SetText(m.fields[0], text)
	for _, field := range m.fields[1:] {
		detection.CopyText(field, m.fields[0])
	}
	return records.None
}

// setTechniques sets the list of the triage, and as one text ThreatCategory.
func (d *decoder) setTechniques(value jsontext.Value) records.Problem {
	techniques, problem := d.texts.readList(value)
	d.alert.Detection.SetList(alert.FieldMitreTechniques, techniques)
	d.alert.Detection.SetTexts(alert.FieldThreatCategory, techniques)
	return problem
}

// setEvidence sets the fields that come from the evidence, and what the alert has of
// all devices.
func (d *decoder) setEvidence(value jsontext.Value) records.Problem {
	defer d.evidence.clear()
	if problem := d.evidence.read(&d.texts, value); problem != records.None {
		return problem
	}
	c := choose(&d.evidence)
	for field, row := range mapping {
		if row.rule != nil {
			row.rule(&c, &d.alert.Detection, field)
		}
	}
	for i := range d.evidence.devices {
		device := &d.evidence.devices[i]
		if len(device.group) > 0 {
			d.alert.Groups = append(d.alert.Groups, bytes.Clone(device.group))
		}
		for _, tag := range device.tags {
			d.alert.Tags = append(d.alert.Tags, bytes.Clone(tag))
		}
	}
	return records.None
}
