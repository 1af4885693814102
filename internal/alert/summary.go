package alert

import "slices"

// A Summary is what the alerts of one read add up to. Texts that stand for "no
// alert" are empty. Keys of the maps are NFC-normalized; a null counts under "".
type Summary struct {
	Fetched        int // alerts the service returned, before any filter
	Total          int // alerts kept
	Excluded       int // alerts taken out by an exclusion
	DistinctAlerts int // distinct alert_id values among those kept
	Devices        int // distinct devices among those kept
	Truncated      bool

	BySeverity     map[string]int // always has the four known severities; any case counts as them
	ByCategory     map[string]int
	BySource       map[string]int
	ByMachineGroup map[string]int
	ByTitle        map[string]int

	MaxSeverity    string // the lexically first of the unknown ones, if there are any
	Newest, Oldest string // last_processed_time_utc of the first and last alert kept

	Anomalies Anomalies
}

// Summary counts the alerts kept.
func (s *Selection) Summary() Summary {
	sum := Summary{
		Fetched:        s.fetched,
		Truncated:      s.query.Limit > 0 && s.fetched >= s.query.Limit,
		BySeverity:     make(map[string]int),
		ByCategory:     make(map[string]int),
		BySource:       make(map[string]int),
		ByMachineGroup: make(map[string]int),
		ByTitle:        make(map[string]int),
		Anomalies:      s.notes,
	}
	for _, severity := range Severities {
		sum.BySeverity[severity] = 0
	}
	for i, matched := range s.matched {
		if !matched {
			sum.Anomalies.UnusedExclusions = append(sum.Anomalies.UnusedExclusions, s.filter.Exclusions[i].Index)
		}
	}
	var (
		alerts         []span
		devices        = make(map[symbol]struct{})
		top            Severity
		newest, oldest *entry
	)
	for e := range s.entries.all {
		if e.state == stateExcluded {
			sum.Excluded++
		}
		if e.state != stateKept {
			continue
		}
		sum.Total++
		severity := s.names.text(e.severityText)
		sum.BySeverity[severity]++
		sum.ByCategory[s.names.text(e.category)]++
		sum.BySource[s.names.text(e.source)]++
		sum.ByMachineGroup[s.names.text(e.machineGroup)]++
		sum.ByTitle[s.names.text(e.title)]++
		alerts = append(alerts, e.alertID)
		if e.device != nameless {
			devices[e.device] = struct{}{}
		}
		if e.severity > top || e.severity == top && severity < sum.MaxSeverity {
			top, sum.MaxSeverity = e.severity, severity
		}
		if newest == nil || s.compare(e, newest) < 0 {
			newest = e
		}
		if oldest == nil || s.compare(e, oldest) > 0 {
			oldest = e
		}
	}
	sum.DistinctAlerts, sum.Devices = s.distinct(alerts), len(devices)
	if newest != nil {
		sum.Newest, sum.Oldest = string(s.texts.text(newest.processedText)), string(s.texts.text(oldest.processedText))
	}
	return sum
}

// distinct counts the different texts. It sorts the spans in place.
func (s *Selection) distinct(spans []span) int {
	slices.SortFunc(spans, s.texts.compare)
	return len(slices.CompactFunc(spans, func(a, b span) bool { return s.texts.compare(a, b) == 0 }))
}
