package graph

import (
	"slices"
	"sync/atomic"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A filter is one that the SIEM API applies itself and Graph does not have. It keeps
// an alert if a text of any of the alert's devices is wanted.
type filter struct {
	criterion alert.Criterion
	wanted    []string // in NFC; none: all
	texts     func(*Alert) [][]byte
	matched   atomic.Bool // it kept an alert
}

// filters are those of one read.
type filters struct {
	all []*filter
	any atomic.Bool // there was an alert
}

func newFilters(q alert.Query) *filters {
	groups := func(a *Alert) [][]byte { return a.Groups }
	tags := func(a *Alert) [][]byte { return a.Tags }
	return &filters{all: []*filter{
		{criterion: alert.ByMachineGroups, wanted: alert.NormalTexts(q.MachineGroups), texts: groups},
		// Graph has one list of tags, wherever they were set.
		{criterion: alert.ByDeviceTags, wanted: alert.NormalTexts(q.DeviceTags), texts: tags},
		{criterion: alert.ByCloudTags, wanted: alert.NormalTexts(q.CloudTags), texts: tags},
	}}
}

// keep reports whether all filters keep an alert. One without a device has no text.
func (f *filters) keep(a *Alert) bool {
	f.any.Store(true)
	kept := true
	for _, each := range f.all {
		if each.keeps(a) {
			each.matched.Store(true)
		} else {
			kept = false
		}
	}
	return kept
}

func (f *filter) keeps(a *Alert) bool {
	return len(f.wanted) == 0 || slices.ContainsFunc(f.texts(a), func(text []byte) bool { return alert.Matches(f.wanted, text) })
}

// empty returns the filters that kept none of the alerts, if there were any.
func (f *filters) empty() (criteria []alert.Criterion) {
	for _, each := range f.all {
		if f.any.Load() && !each.matched.Load() {
			criteria = append(criteria, each.criterion)
		}
	}
	return criteria
}
