package alert

import (
	"hash/maphash"
	"slices"
)

// A Selection takes the alerts of one reply, one at a time, and holds of each
// only what the result needs: about 250 bytes for the counts and, when the
// caller wants the alerts themselves, their encoded form.
type Selection struct {
	query  Query
	filter Filter
	encode func([]byte, *Alert) []byte
	bound  int // of held bytes; 0: none

	entries entries
	places  map[uint64]int32 // by hash of identity, which entry stands for it
	seed    maphash.Seed
	texts   texts
	names   symbols
	encoded chunks
	notes   Anomalies
	matched []bool // by exclusion, whether it met an alert
	fetched int
	sorted  []*entry // cache of kept
}

// NewSelection returns an empty selection. encode appends the encoded form of
// an alert; nil when only the counts are wanted.
func NewSelection(q Query, f Filter, encode func([]byte, *Alert) []byte) *Selection {
	s := &Selection{query: q, filter: f, encode: encode, seed: maphash.MakeSeed()}
	s.Reset()
	return s
}

// Bound bounds what the selection holds, in bytes. Alerts beyond it are not
// taken, and the selection is no result any more: see Overflowed.
func (s *Selection) Bound(bytes int) { s.bound = bytes }

// Overflowed reports whether the bound kept an alert out.
func (s *Selection) Overflowed() bool {
	return s.bound > 0 && s.held() > s.bound
}

// perEntry is the size of an entry and its place, with room for growth.
const perEntry = 128

func (s *Selection) held() int {
	return int(s.entries.count)*perEntry + s.texts.size + s.names.held + s.encoded.size
}

// Reset forgets all alerts: a reply that broke off is read again from its start.
func (s *Selection) Reset() {
	s.entries = entries{}
	s.places = make(map[uint64]int32)
	s.texts = texts{}
	s.names = newNames()
	s.encoded.reset()
	s.notes = Anomalies{}
	s.matched = make([]bool, len(s.filter.Exclusions))
	s.fetched = 0
	s.sorted = nil
}

// Add takes the next alert of the reply. A record that was there before, with
// the same (full_id, alert_part), takes the other's place if it is more severe,
// or as severe and newer. A record without full_id never is a duplicate.
func (s *Selection) Add(a *Alert) {
	if a.Severity == 0 {
		a.Severity = Unknown // no source may leave it out, and no gate may miss it
	}
	s.fetched++
	s.sorted = nil
	if s.Overflowed() {
		return
	}
	s.note(a)
	state := s.judge(a)
	if a.IsNull(FieldFullID) {
		s.entries.add(s.entry(a, state))
		return
	}
	hash, place := s.find(a)
	switch {
	case place < 0:
		s.places[hash] = s.entries.count
		s.entries.add(s.entry(a, state))
	case s.entries.at(place).yieldsTo(a, state):
		*s.entries.at(place) = s.entry(a, state)
	}
}

// find returns the entry with the identity of a. If there is none, place is -1
// and hash is free for it.
func (s *Selection) find(a *Alert) (hash uint64, place int32) {
	hash = maphash.Bytes(s.seed, a.Text(FieldFullID)) + uint64(a.Number(FieldAlertPart))*0x9e3779b97f4a7c15
	for ; ; hash++ {
		place, taken := s.places[hash]
		if !taken {
			return hash, -1
		}
		e := s.entries.at(place)
		if e.part == a.Number(FieldAlertPart) && e.noPart == a.IsNull(FieldAlertPart) &&
			string(s.texts.text(e.fullID)) == string(a.Text(FieldFullID)) {
			return hash, place
		}
	}
}

// judge says what becomes of an alert, and notes which exclusions met it.
func (s *Selection) judge(a *Alert) state {
	excluded := false
	for i := range s.filter.Exclusions {
		if s.filter.Exclusions[i].matches(a) {
			s.matched[i], excluded = true, true
		}
	}
	switch {
	case excluded:
		return stateExcluded
	case !s.filter.Keeps(a):
		return stateFiltered
	}
	return stateKept
}

// kept returns the entries that the filter keeps, in order.
func (s *Selection) kept() []*entry {
	if s.sorted != nil {
		return s.sorted
	}
	s.sorted = []*entry{}
	for e := range s.entries.all {
		if e.state == stateKept {
			s.sorted = append(s.sorted, e)
		}
	}
	slices.SortFunc(s.sorted, s.compare)
	return s.sorted
}
