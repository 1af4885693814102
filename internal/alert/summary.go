package alert

import (
	"cmp"
	"slices"
)

// A Summary holds the counts of one read. All but Fetched and Detections count
// alerts. Texts are empty if no detection is kept. Keys of the maps are in NFC; a
// null counts under "".
type Summary struct {
	Fetched    int // detections that the service returned, before any filter
	Detections int // detections kept
	Alerts     int // alerts with a detection kept
	Excluded   int // alerts with an excluded detection and none kept
	Devices    int // distinct devices of the detections kept
	Truncated  bool

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
	var newest, oldest *entry
	for e := range s.entries.all {
		if s.options.Versions && e.severity == Unknown {
			sum.Anomalies.UnknownSeverity.Count++
		}
		if e.state != stateKept {
			continue
		}
		sum.Detections++
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
	sum.Devices = s.devices()
	s.countAlerts(&sum)
	return sum
}

// countAlerts counts the alerts. An alert counts under the texts of its top detection.
func (s *Selection) countAlerts(sum *Summary) {
	var top Severity
	for g := range s.groups {
		if g.detections == 0 {
			sum.Excluded++
			continue
		}
		e := g.top
		sum.Alerts++
		severity := s.symbols.texts[e.severityText]
		sum.BySeverity[severity]++
		sum.ByCategory[s.symbols.texts[e.category]]++
		sum.BySource[s.symbols.texts[e.source]]++
		sum.ByMachineGroup[s.symbols.texts[e.machineGroup]]++
		sum.ByTitle[s.symbols.texts[e.title]]++
		switch {
		case e.severity > top:
			top, sum.MaxSeverity = e.severity, severity
		case e.severity == top:
			sum.MaxSeverity = min(sum.MaxSeverity, severity)
		}
	}
}

// devices counts the devices of the detections kept. A detection without a device
// ID belongs to a device with the same name, if there is one.
func (s *Selection) devices() int {
	unidentified := s.distinct(func(e *entry) key {
		if e.device != (key{}) {
			return key{}
		}
		return e.name
	})
	count := len(s.distinct(func(e *entry) key { return e.device })) + len(unidentified)
	if len(unidentified) == 0 {
		return count
	}
	identified := s.distinct(func(e *entry) key {
		if e.device == (key{}) {
			return key{}
		}
		return e.name
	})
	for _, name := range identified {
		if _, both := slices.BinarySearchFunc(unidentified, name, compareKeys); both {
			count--
		}
	}
	return count
}

// distinct returns the different keys of the detections kept, without the zero key,
// sorted. A slice takes less than half of the memory of a set.
func (s *Selection) distinct(of func(*entry) key) []key {
	counts := func(e *entry) bool { return e.state == stateKept && of(e) != (key{}) }
	n := 0
	for e := range s.entries.all {
		if counts(e) {
			n++
		}
	}
	keys := make([]key, 0, n)
	for e := range s.entries.all {
		if counts(e) {
			keys = append(keys, of(e))
		}
	}
	slices.SortFunc(keys, compareKeys)
	return slices.Compact(keys)
}
