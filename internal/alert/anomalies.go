package alert

// Anomalies are unexpected properties of a valid response, for warnings. They
// hold positions in the response and counts, never a text of it.
type Anomalies struct {
	UnknownSeverity Positions // a severity that is not one of the four
	OutsideWindow   Positions // processed outside the requested window
	OutsideGroups   Positions // in none of the requested machine groups
	BeyondLimit     Positions // more detections than the requested limit
	Replaced        Positions // a lone surrogate became U+FFFD
	Late            int       // alerts that were updated during the read, and may not have been in the window

	UnusedExclusions []int       // Index of those that matched no detection
	EmptyFilters     []Criterion // those that, each alone, keep no detection
}

// Add adds the anomalies that a source reports.
func (a *Anomalies) Add(r Report) {
	a.EmptyFilters = append(a.EmptyFilters, r.EmptyFilters...)
	a.Late += r.Late
}

// Positions are positions of detections in the response, from 0: the number of
// all, and the first ten of those that have one.
type Positions struct {
	Count int
	First []int
}

func (p *Positions) add(index int) {
	p.Count++
	if index >= 0 && len(p.First) < 10 {
		p.First = append(p.First, index)
	}
}

// addAnomalies adds the anomalies of a detection.
func (s *Selection) addAnomalies(d *Detection) {
	q := &s.options.Query
	if d.rank() == Unknown && !s.options.Versions { // of versions, Summary counts the newest
		s.anomalies.UnknownSeverity.add(d.Index)
	}
	if !q.Since.IsZero() && d.Processed.Before(q.Since) || !q.Until.IsZero() && d.Processed.After(q.Until) {
		s.anomalies.OutsideWindow.add(d.Index)
	}
	if !Matches(q.MachineGroups, d.Text(FieldMachineGroup)) {
		s.anomalies.OutsideGroups.add(d.Index)
	}
	if q.Limit > 0 && s.fetched > q.Limit {
		s.anomalies.BeyondLimit.add(d.Index)
	}
	if d.Replaced > 0 {
		s.anomalies.Replaced.add(d.Index)
	}
}
