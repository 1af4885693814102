package alert

import (
	"bytes"
	"cmp"
	"slices"
)

// A Summary holds the counts of one read. Texts are empty if no detection is
// kept. Keys of the maps are in NFC; a null counts under "".
type Summary struct {
	Fetched        int // detections that the service returned, before any filter
	Total          int // detections kept
	Excluded       int // detections removed by an exclusion
	DistinctAlerts int // distinct alert_id values among those kept
	Devices        int // distinct devices among those kept
	Truncated      bool

	BySeverity     map[string]int // always has the four known severities, in the service's spelling
	ByCategory     map[string]int
	BySource       map[string]int
	ByMachineGroup map[string]int
	ByTitle        map[string]int

	MaxSeverity    string // the highest; of unknown ones the lexically first
	Newest, Oldest string // last_processed_time_utc of the newest and oldest detection kept

	Anomalies Anomalies
}

// Summary counts the detections kept.
func (s *Selection) Summary() Summary {
	sum := Summary{
		Fetched:        s.fetched,
		Truncated:      s.truncated(),
		BySeverity:     make(map[string]int),
		ByCategory:     make(map[string]int),
		BySource:       make(map[string]int),
		ByMachineGroup: make(map[string]int),
		ByTitle:        make(map[string]int),
		Anomalies:      s.anomalies,
	}
	for _, severity := range Severities {
		sum.BySeverity[severity] = 0
	}
	for i, matched := range s.matched {
		if !matched {
			sum.Anomalies.UnusedExclusions = append(sum.Anomalies.UnusedExclusions, s.options.Filter.Exclusions[i].Index)
		}
	}
	if s.fetched > 0 && !s.categoryMatched {
		sum.Anomalies.EmptyFilters = append(sum.Anomalies.EmptyFilters, ByCategories)
	}
	if s.fetched > 0 && !s.sourceMatched {
		sum.Anomalies.EmptyFilters = append(sum.Anomalies.EmptyFilters, BySources)
	}
	var (
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
		severity := s.symbols.texts[e.severityText]
		sum.BySeverity[severity]++
		sum.ByCategory[s.symbols.texts[e.category]]++
		sum.BySource[s.symbols.texts[e.source]]++
		sum.ByMachineGroup[s.symbols.texts[e.machineGroup]]++
		sum.ByTitle[s.symbols.texts[e.title]]++
		if e.severity > top || e.severity == top && severity < sum.MaxSeverity {
			top, sum.MaxSeverity = e.severity, severity
		}
		// If one instant has two forms, Newest and Oldest use the smaller one.
		form := s.symbols.texts[e.form]
		if newest == nil || cmp.Or(e.compareAge(newest), cmp.Compare(form, s.symbols.texts[newest.form])) < 0 {
			newest = e
		}
		if oldest == nil || cmp.Or(oldest.compareAge(e), cmp.Compare(form, s.symbols.texts[oldest.form])) < 0 {
			oldest = e
		}
	}
	if newest != nil {
		sum.Newest = timeText(newest.processed(), s.symbols.texts[newest.form])
		sum.Oldest = timeText(oldest.processed(), s.symbols.texts[oldest.form])
	}
	sum.DistinctAlerts = s.distinct(func(e *entry) key { return e.alert })
	sum.Devices = s.distinct(func(e *entry) key { return e.device })
	return sum
}

// distinct counts the different keys of the detections kept, without the zero key.
// A sorted copy takes 16 bytes for each, less than half of the memory of a set.
func (s *Selection) distinct(of func(*entry) key) int {
	keys := make([]key, 0, s.entries.count)
	for e := range s.entries.all {
		if k := of(e); e.state == stateKept && k != (key{}) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return bytes.Compare(a[:], b[:]) })
	return len(slices.Compact(keys))
}
