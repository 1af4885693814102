package alert

// Anomalies are unexpected properties of a valid response, for warnings. They
// hold positions in the response and counts, never a text of it.
type Anomalies struct {
	UnknownSeverity Positions // a severity that is not one of the four
	OutsideWindow   Positions // processed outside the requested window
	OutsideGroups   Positions // in none of the requested machine groups
	BeyondLimit     Positions // more detections than the requested limit
	Replaced        Positions // a lone surrogate became U+FFFD

	UnusedExclusions []int       // Index of those that matched no detection
	EmptyFilters     []Criterion // those that, each alone, keep no detection
}

// Positions are positions of detections in the response, from 0: the number of
// all, and the first ten.
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

// addAnomalies adds the anomalies of a detection.
func (s *Selection) addAnomalies(a *Alert) {
	q := &s.options.Query
	if a.rank() == Unknown {
		s.anomalies.UnknownSeverity.add(a.Index)
	}
	if !q.Since.IsZero() && a.Processed.Before(q.Since) || !q.Until.IsZero() && a.Processed.After(q.Until) {
		s.anomalies.OutsideWindow.add(a.Index)
	}
	if !matches(q.MachineGroups, a.Text(FieldMachineGroup)) {
		s.anomalies.OutsideGroups.add(a.Index)
	}
	if q.Limit > 0 && s.fetched > q.Limit {
		s.anomalies.BeyondLimit.add(a.Index)
	}
	if a.Replaced > 0 {
		s.anomalies.Replaced.add(a.Index)
	}
}
