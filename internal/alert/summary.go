package alert

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

	Notes Notes
}

// Summary counts the alerts kept.
func (s *Selection) Summary() Summary {
	kept := s.kept()
	sum := Summary{
		Fetched:        s.fetched,
		Total:          len(kept),
		Truncated:      s.query.Limit > 0 && s.fetched >= s.query.Limit,
		BySeverity:     make(map[string]int),
		ByCategory:     make(map[string]int),
		BySource:       make(map[string]int),
		ByMachineGroup: make(map[string]int),
		ByTitle:        make(map[string]int),
		Notes:          s.notes,
	}
	for _, severity := range Severities {
		sum.BySeverity[severity] = 0
	}
	alerts, devices, top := map[string]struct{}{}, map[name]struct{}{}, Severity(0)
	for _, e := range kept {
		severity := s.names.text(e.severityText)
		sum.BySeverity[severity]++
		sum.ByCategory[s.names.text(e.category)]++
		sum.BySource[s.names.text(e.source)]++
		sum.ByMachineGroup[s.names.text(e.machineGroup)]++
		sum.ByTitle[s.names.text(e.title)]++
		alerts[e.alertID] = struct{}{}
		if e.device != nameless {
			devices[e.device] = struct{}{}
		}
		if e.severity > top || e.severity == top && severity < sum.MaxSeverity {
			top, sum.MaxSeverity = e.severity, severity
		}
	}
	sum.DistinctAlerts, sum.Devices = len(alerts), len(devices)
	if len(kept) > 0 {
		sum.Newest, sum.Oldest = kept[0].processedText, kept[len(kept)-1].processedText
	}
	return sum
}
