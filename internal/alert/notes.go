package alert

// Notes are what a person should hear about a reply that is valid but odd.
// They hold positions in the reply and counts, never a record's text.
type Notes struct {
	UnknownSeverity Places // a severity that is not one of the four
	OutsideWindow   Places // processed outside the window asked for
	OutsideGroups   Places // of none of the machine groups asked for
	BeyondLimit     Places // more alerts than the limit asked for
	Replaced        Places // a lone surrogate became U+FFFD

	UnusedExclusions []int // Index of those that met no alert
}

// Places are the positions of alerts in the reply, from 0: all counted, the
// first ten named.
type Places struct {
	Count int
	First []int
}

func (p *Places) add(index int) {
	p.Count++
	if len(p.First) < 10 {
		p.First = append(p.First, index)
	}
}

func (s *Selection) note(a *Alert) {
	if a.Severity == Unknown {
		s.notes.UnknownSeverity.add(a.Index)
	}
	if s.query.outsideWindow(a) {
		s.notes.OutsideWindow.add(a.Index)
	}
	if s.query.outsideGroups(a) {
		s.notes.OutsideGroups.add(a.Index)
	}
	if s.query.Limit > 0 && s.fetched > s.query.Limit {
		s.notes.BeyondLimit.add(a.Index)
	}
	if a.Replaced > 0 {
		s.notes.Replaced.add(a.Index)
	}
}
