package alert

import (
	"cmp"
	"slices"
	"time"
)

// A state is the result of the filter for a detection. Of otherwise equal
// duplicates the one with the greater state is kept, in any order of arrival.
type state uint8

const (
	stateFiltered state = iota
	stateExcluded
	stateKept
)

// An entry holds the values of one detection that the counts need.
type entry struct {
	alert  key // of alert_id; zero: the detection is an alert of its own
	device key // of device_id; zero: none
	name   key // of computer_dns_name; zero: none

	seconds int64 // processed, as Unix time
	nanos   int32
	detail  int32 // 1 plus the row in details; 0: none

	severityText symbol
	category     symbol
	source       symbol
	machineGroup symbol
	title        symbol
	form         symbol // of last_processed_time_utc

	severity Severity
	state    state
}

// entry returns the entry of a detection. Its detail is stored in row, that of the
// entry that it replaces, unless row is 0.
func (s *Selection) entry(d *Detection, judged state, row int32) entry {
	e := entry{
		seconds:  d.Processed.Unix(),
		nanos:    int32(d.Processed.Nanosecond()),
		detail:   row,
		severity: d.rank(),
		state:    judged,
	}
	if judged != stateFiltered {
		e.alert = s.key(d.Text(FieldAlertID))
	}
	if judged != stateKept {
		return e
	}
	e.device = s.normalKey(d.Text(FieldDeviceID))
	e.name = s.normalKey(d.Text(FieldComputerDNSName))
	// A known severity counts under its usual spelling, another under its text.
	e.severityText = symbol(e.severity)
	if e.severity == Unknown {
		e.severityText = s.symbols.of(d.Text(FieldSeverity))
	}
	e.category = s.symbols.of(d.Text(FieldCategory))
	e.source = s.symbols.of(d.Text(FieldSource))
	e.machineGroup = s.symbols.of(d.Text(FieldMachineGroup))
	e.title = s.symbols.of(d.Text(FieldAlertTitle))
	processed := d.Text(FieldLastProcessed)
	if processed == nil {
		processed = []byte(d.Processed.UTC().Format(time.RFC3339Nano))
	}
	var form [32]byte
	e.form = s.symbols.of(appendForm(form[:0], processed))
	e.detail = s.addDetail(d, row)
	return e
}

func (e *entry) processed() time.Time { return time.Unix(e.seconds, int64(e.nanos)).UTC() }

// replaces reports whether a duplicate replaces an entry.
func (s *Selection) replaces(e *entry, d *Detection, judged state) bool {
	severer := cmp.Compare(d.rank(), e.severity)
	newer := cmp.Or(cmp.Compare(d.Processed.Unix(), e.seconds), cmp.Compare(int32(d.Processed.Nanosecond()), e.nanos))
	kept := cmp.Compare(judged, e.state)
	if s.options.Versions {
		return cmp.Or(newer, severer, kept) > 0
	}
	return cmp.Or(severer, newer, kept) > 0
}

// compareAge orders entries by instant, the newest first.
func (e *entry) compareAge(f *entry) int {
	return cmp.Or(cmp.Compare(f.seconds, e.seconds), cmp.Compare(f.nanos, e.nanos))
}

// kept returns the indexes of the entries kept, in the order of the list. The
// selection must have been made with Encode.
func (s *Selection) kept() []int32 {
	if s.sorted != nil {
		return s.sorted
	}
	s.sorted = []int32{}
	for i := range s.entries.count {
		if s.entries.at(i).state == stateKept {
			s.sorted = append(s.sorted, i)
		}
	}
	slices.SortFunc(s.sorted, s.compare)
	return s.sorted
}

// compare orders the entries of the list: the newest first, by instant; then by
// full_id, alert_part and alert_id, nulls last; then as they arrived.
func (s *Selection) compare(i, j int32) int {
	e, f := s.entries.at(i), s.entries.at(j)
	if order := e.compareAge(f); order != 0 {
		return order
	}
	d, g := s.details.at(e.detail-1), s.details.at(f.detail-1)
	return cmp.Or(
		nullsLast(d.fullID == "", g.fullID == ""),
		cmp.Compare(d.fullID, g.fullID),
		nullsLast(d.noPart, g.noPart),
		cmp.Compare(d.part, g.part),
		nullsLast(d.alertID == "", g.alertID == ""),
		cmp.Compare(d.alertID, g.alertID),
		cmp.Compare(i, j),
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
