package alert

// Anomalies are what a person should hear about a reply that is valid but odd.
// They hold positions in the reply and counts, never a record's text.
type Anomalies struct {
	UnknownSeverity Positions // a severity that is not one of the four
	OutsideWindow   Positions // processed outside the window asked for
	OutsideGroups   Positions // of none of the machine groups asked for
	BeyondLimit     Positions // more alerts than the limit asked for
	Replaced        Positions // a lone surrogate became U+FFFD

	UnusedExclusions []int // Index of those that met no alert
}

// Positions are the positions of alerts in the reply, from 0: all counted, the
// first ten named.
type Positions struct {
	Count int
	First []int
}

func (p *Positions) add(index int) {
	p.Count++
	if len(p.First) < 10 {
		p.First = append(p.First, index)
	}
}

func (s *Selection) note(a *Alert) {
	if a.rank() == Unknown {
		s.anomalies.UnknownSeverity.add(a.Index)
	}
	if s.options.Query.outsideWindow(a) {
		s.anomalies.OutsideWindow.add(a.Index)
	}
	if s.options.Query.outsideGroups(a) {
		s.anomalies.OutsideGroups.add(a.Index)
	}
	if s.options.Query.Limit > 0 && s.fetched > s.options.Query.Limit {
		s.anomalies.BeyondLimit.add(a.Index)
	}
	if a.Replaced > 0 {
		s.anomalies.Replaced.add(a.Index)
	}
}
