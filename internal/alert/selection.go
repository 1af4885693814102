package alert

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// A Selection takes the alerts of one reply, one at a time, and holds of each
// only what the result needs: about 400 bytes for the counts and, when the
// caller wants the alerts themselves, their encoded form.
type Selection struct {
	query  Query
	filter Filter
	encode func([]byte, *Alert) []byte

	entries []entry
	places  map[identity]int // by which entry a record is represented
	names   names
	encoded []byte
	notes   Notes
	fetched int
}

// identity is what makes two records the same one.
type identity struct {
	fullID string
	part   int64
	noPart bool
}

// An entry is what is kept of one record.
type entry struct {
	identity
	arrival       int
	processed     time.Time
	processedText string
	alertID       string
	severity      Severity
	kept          bool
	severityText  name
	category      name
	source        name
	machineGroup  name
	title         name
	device        name
	start, end    int // its place in Selection.encoded
}

// NewSelection returns an empty selection. encode appends the encoded form of
// an alert; nil when only the counts are wanted.
func NewSelection(q Query, f Filter, encode func([]byte, *Alert) []byte) *Selection {
	s := &Selection{query: q, filter: f, encode: encode}
	s.Reset()
	return s
}

// Reset forgets all alerts: a reply that broke off is read again from its start.
func (s *Selection) Reset() {
	s.entries = s.entries[:0]
	s.places = make(map[identity]int)
	s.names = newNames()
	s.encoded = s.encoded[:0]
	s.notes = Notes{}
	s.fetched = 0
}

// Add takes the next alert of the reply. A record that was there before, with
// the same (full_id, alert_part), takes the other's place if it is more severe,
// or as severe and newer. A record without full_id never is a duplicate.
func (s *Selection) Add(a *Alert) {
	s.fetched++
	s.note(a)
	id := identity{string(a.Text(FullID)), a.Number(AlertPart), a.IsNull(AlertPart)}
	if id.fullID == "" {
		s.entries = append(s.entries, s.entry(id, a))
		return
	}
	place, seen := s.places[id]
	switch {
	case !seen:
		s.places[id] = len(s.entries)
		s.entries = append(s.entries, s.entry(id, a))
	case s.entries[place].yieldsTo(a):
		s.entries[place] = s.entry(id, a)
	}
}

func (e *entry) yieldsTo(a *Alert) bool {
	return cmp.Or(cmp.Compare(a.Severity, e.severity), a.Processed.Compare(e.processed)) > 0
}

func (s *Selection) entry(id identity, a *Alert) entry {
	e := entry{
		identity:      id,
		arrival:       a.Index,
		processed:     a.Processed,
		processedText: string(a.Text(LastProcessed)),
		alertID:       string(a.Text(AlertID)),
		severity:      a.Severity,
		kept:          s.filter.Keeps(a),
	}
	if !e.kept {
		return e
	}
	e.severityText = s.severityName(a)
	e.category = s.names.of(a.Text(Category))
	e.source = s.names.of(a.Text(Source))
	e.machineGroup = s.names.of(a.Text(MachineGroup))
	e.title = s.names.of(a.Text(AlertTitle))
	e.device = s.names.of(a.Text(DeviceID))
	if e.device == nameless {
		e.device = s.names.of(a.Text(ComputerDNSName))
	}
	if s.encode != nil {
		e.start = len(s.encoded)
		s.encoded = s.encode(s.encoded, a)
		e.end = len(s.encoded)
	}
	return e
}

// severityName is what an alert's severity counts under: a known one under its
// usual spelling, whatever the case it was sent in; any other under its text.
func (s *Selection) severityName(a *Alert) name {
	if a.Severity == Unknown {
		return s.names.of(a.Text(SeverityField))
	}
	return s.names.of([]byte(a.Severity.String()))
}

// Encoded yields the encoded form of the alerts kept, in order.
func (s *Selection) Encoded() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, e := range s.kept() {
			if !yield(s.encoded[e.start:e.end:e.end]) {
				return
			}
		}
	}
}

// kept returns the entries that the filter keeps, in order.
func (s *Selection) kept() []*entry {
	var kept []*entry
	for i := range s.entries {
		if s.entries[i].kept {
			kept = append(kept, &s.entries[i])
		}
	}
	slices.SortFunc(kept, (*entry).compare)
	return kept
}

// compare orders entries: the newest first, by instant; then full_id,
// alert_part and alert_id ascending, nulls last; then as they arrived.
func (e *entry) compare(f *entry) int {
	return cmp.Or(
		f.processed.Compare(e.processed),
		nullsLast(e.fullID == "", f.fullID == ""),
		strings.Compare(e.fullID, f.fullID),
		nullsLast(e.noPart, f.noPart),
		cmp.Compare(e.part, f.part),
		nullsLast(e.alertID == "", f.alertID == ""),
		strings.Compare(e.alertID, f.alertID),
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
