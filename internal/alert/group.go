package alert

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A group is an alert: its detections that are kept or excluded.
type group struct {
	top        *entry // the most severe detection kept, the newest of them
	newest     *entry // the newest detection kept
	detections int    // those kept; 0: all are excluded
}

// groups yields the alerts. Detections with one alert ID are one alert; a detection
// without an alert ID is an alert of its own.
func (s *Selection) groups(yield func(group) bool) {
	members := s.byAlert()
	for len(members) > 0 {
		n := 1
		for id := s.entries.at(members[0].entry).alert; id != (key{}) && n < len(members) && s.entries.at(members[n].entry).alert == id; {
			n++
		}
		if !yield(s.group(members[:n])) {
			return
		}
		members = members[n:]
	}
}

// group returns the group of the members of one alert, which are in the order of compareTop.
func (s *Selection) group(members []member) group {
	g := group{top: s.entries.at(members[0].entry)}
	for _, m := range members {
		e := s.entries.at(m.entry)
		if e.state != stateKept {
			break
		}
		g.detections++
		if g.newest == nil || e.compareAge(g.newest) < 0 {
			g.newest = e
		}
	}
	return g
}

// A member is an entry that is kept or excluded, with the start of its alert's key:
// a sort that compares these alone takes less than half of the time.
type member struct {
	start uint64
	entry int32
}

// byAlert returns the entries kept or excluded, those of one alert side by side, in
// the order of compareTop.
func (s *Selection) byAlert() []member {
	if s.members != nil {
		return s.members
	}
	s.members = make([]member, 0, s.entries.count)
	for i := range s.entries.count {
		if e := s.entries.at(i); e.state != stateFiltered {
			s.members = append(s.members, member{binary.BigEndian.Uint64(e.alert[:]), i})
		}
	}
	slices.SortFunc(s.members, func(a, b member) int {
		if order := cmp.Compare(a.start, b.start); order != 0 {
			return order
		}
		e, f := s.entries.at(a.entry), s.entries.at(b.entry)
		if order := compareKeys(e.alert, f.alert); order != 0 || e.alert == (key{}) {
			return order
		}
		return s.compareTop(e, f)
	})
	return s.members
}

// compareTop orders the detections of an alert: those kept before those excluded,
// the more severe first, then the newest, then by the texts under which an alert
// counts, so that the order of arrival does not matter.
func (s *Selection) compareTop(e, f *entry) int {
	if order := cmp.Or(cmp.Compare(f.state, e.state), cmp.Compare(f.severity, e.severity), e.compareAge(f)); order != 0 {
		return order
	}
	text := func(of func(*entry) symbol) int {
		return cmp.Compare(s.symbols.texts[of(e)], s.symbols.texts[of(f)])
	}
	return cmp.Or(
		text(func(e *entry) symbol { return e.severityText }),
		text(func(e *entry) symbol { return e.category }),
		text(func(e *entry) symbol { return e.source }),
		text(func(e *entry) symbol { return e.machineGroup }),
		text(func(e *entry) symbol { return e.title }),
	)
}
