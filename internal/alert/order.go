package alert

import "cmp"

// A state says what becomes of an alert. A greater one wins between duplicates
// that are equal otherwise, so that their order of arrival decides nothing.
type state uint8

const (
	stateFiltered state = iota
	stateExcluded
	stateKept
)

// An entry is what is kept of one record.
type entry struct {
	seconds int64 // processed, as Unix time
	nanos   int32
	arrival int32

	part          int64
	fullID        span
	alertID       span
	processedText span

	severityText symbol
	category     symbol
	source       symbol
	machineGroup symbol
	title        symbol
	device       symbol

	encoded chunkSpan

	severity Severity
	state    state
	noPart   bool
}

func (s *Selection) entry(a *Alert, state state) entry {
	e := entry{
		seconds:  a.Processed.Unix(),
		nanos:    int32(a.Processed.Nanosecond()),
		arrival:  int32(a.Index),
		part:     a.Number(FieldAlertPart),
		noPart:   a.IsNull(FieldAlertPart),
		fullID:   s.texts.add(a.Text(FieldFullID)),
		severity: a.Severity,
		state:    state,
	}
	if state != stateKept {
		return e
	}
	e.alertID = s.texts.add(a.Text(FieldAlertID))
	e.processedText = s.texts.add(a.Text(FieldLastProcessed))
	e.severityText = s.severityName(a)
	e.category = s.names.of(a.Text(FieldCategory))
	e.source = s.names.of(a.Text(FieldSource))
	e.machineGroup = s.names.of(a.Text(FieldMachineGroup))
	e.title = s.names.of(a.Text(FieldAlertTitle))
	e.device = s.names.of(a.Text(FieldDeviceID))
	if e.device == nameless {
		e.device = s.names.of(a.Text(FieldComputerDNSName))
	}
	if s.encode != nil {
		e.encoded = s.encoded.add(func(dst []byte) []byte { return s.encode(dst, a) })
	}
	return e
}

// severityName is what an alert's severity counts under: a known one under its
// usual spelling, whatever the case it was sent in; any other under its text.
func (s *Selection) severityName(a *Alert) symbol {
	if a.Severity == Unknown {
		return s.names.of(a.Text(FieldSeverity))
	}
	return s.names.of([]byte(a.Severity.String()))
}

// yieldsTo reports whether a duplicate takes the entry's place.
func (e *entry) yieldsTo(a *Alert, state state) bool {
	return cmp.Or(
		cmp.Compare(a.Severity, e.severity),
		cmp.Compare(a.Processed.Unix(), e.seconds),
		cmp.Compare(int32(a.Processed.Nanosecond()), e.nanos),
		cmp.Compare(state, e.state),
	) > 0
}

// compare orders entries: the newest first, by instant; then full_id,
// alert_part and alert_id ascending, nulls last; then as they arrived.
func (s *Selection) compare(e, f *entry) int {
	if order := cmp.Or(cmp.Compare(f.seconds, e.seconds), cmp.Compare(f.nanos, e.nanos)); order != 0 {
		return order
	}
	return cmp.Or(
		s.texts.compare(e.fullID, f.fullID),
		nullsLast(e.noPart, f.noPart),
		cmp.Compare(e.part, f.part),
		s.texts.compare(e.alertID, f.alertID),
		cmp.Compare(e.arrival, f.arrival),
	)
}

func nullsLast(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
