package alert

import "slices"

// Anomalies are unexpected properties of a valid response, for warnings. They
// hold counts, positions in the response and alert IDs, and no other text of it.
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

// Positions are detections in the response: the number of all, the positions of the
// first ten, from 0, and their alert IDs, each once, as far as [IsPlainID] lets them be
// printed.
type Positions struct {
	Count int
	First []int
	IDs   []string
}

func (p *Positions) add(d *Detection) {
	p.Count++
	if len(p.First) == 10 {
		return
	}
	p.First = append(p.First, d.Index)
	if id := string(d.Text(FieldAlertID)); IsPlainID(id) && !slices.Contains(p.IDs, id) {
		p.IDs = append(p.IDs, id)
	}
}

// addAnomalies adds the anomalies of a detection.
func (s *Selection) addAnomalies(d *Detection) {
	q := &s.options.Query
	if d.rank() == Unknown && !s.options.Versions { // of versions, Summary counts the newest
		s.anomalies.UnknownSeverity.add(d)
	}
	if !q.Since.IsZero() && d.Processed.Before(q.Since) || !q.Until.IsZero() && d.Processed.After(q.Until) {
		s.anomalies.OutsideWindow.add(d)
	}
	if !Matches(q.MachineGroups, d.Text(FieldMachineGroup)) {
		s.anomalies.OutsideGroups.add(d)
	}
	if q.Limit > 0 && s.fetched > q.Limit {
		s.anomalies.BeyondLimit.add(d)
	}
	if d.Replaced > 0 {
		s.anomalies.Replaced.add(d)
	}
}
