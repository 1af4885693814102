package fakeapi

import (
	"math/rand/v2"
	"time"
)

// Ranges of LastProcessedTimeUtc before now. They keep a margin to the windows
// that callers request, so that a test does not depend on the time between
// generating and reading.
const (
	newestOffset = 30 * time.Second
	recentOffset = 110 * time.Minute
	dayOffset    = 23 * time.Hour
	weekOffset   = 7*24*time.Hour - 2*time.Hour
	windowMargin = 30 * time.Minute // between one range and the next
)

// fractions are the numbers of fractional digits, used in rotation: the service
// trims trailing zeros.
var fractions = [...]int{7, 7, 6, 7, 5, 2, 7, 0}

// dataset is the origin of a tenant's data: equal values give the same bytes.
type dataset struct {
	seed    uint64
	company uint64 // selects the company, 0 for that of Options.TenantID
	count   int    // number of detections
	now     time.Time
}

// records returns the detections in the form of the SIEM API.
//
// The first dozen contains every shape: alert 3 and every eleventh after it have
// the keys of 2018 (BuiltInMachineTags and UserDefinedMachineTags; every other one
// omits unset keys), alert 7 and every thirteenth those of 2017 (nulls, fewer keys,
// IoaDefinitiondId). One record has an undocumented key. The order is shuffled.
func (s dataset) records() []record {
	g, alerts := s.generate()
	records := make([]record, 0, max(s.count, 0))
	for _, detections := range alerts {
		for _, d := range detections {
			d.extraKey = len(records) == 9
			records = append(records, record{
				text:      d.shape.append(nil, d),
				processed: d.processed,
				timed:     true,
				group:     d.machineGroup(),
				deviceTag: d.deviceTag(),
				cloudTag:  d.cloudTags(),
			})
		}
	}
	g.random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	return records
}

// generate returns count detections by alert; the last alert may be incomplete.
func (s dataset) generate() (*generator, [][]detection) {
	g := newGenerator(s.seed, s.company, s.now)
	var alerts [][]detection
	for made := 0; made < s.count; {
		detections := g.alert(len(alerts), g.offset(len(alerts)))
		detections = detections[:min(len(detections), s.count-made)]
		made += len(detections)
		alerts = append(alerts, detections)
	}
	return g, alerts
}

// GenerateBody returns a JSON array of n detections of the 2020 shape, about 2.2
// KB each, processed within the two hours before now. It allocates little more
// than the result: 50,000 detections are 111 MB. The same arguments give the same
// bytes.
func GenerateBody(seed uint64, n int, now time.Time) []byte {
	const roomPerRecord = 2350
	g := newGenerator(seed, 0, now)
	body := append(make([]byte, 0, max(n, 0)*roomPerRecord+2), '[')
	for written, alert := 0, 0; written < n; alert++ {
		for _, d := range g.alert(alert, g.between(newestOffset, recentOffset)) {
			if written == n {
				break
			}
			if written > 0 {
				body = append(body, ',')
			}
			body = shape2020.append(body, d)
			written++
		}
	}
	return append(body, ']')
}

// generator generates alerts in sequence.
type generator struct {
	random    *rand.Rand
	now       time.Time
	company   company
	rules     []*rule // each repeated by its weight
	files     map[*rule][fileVariants]file
	deviceIDs [len(machines)]string
	made      int // detections so far
}

// fileVariants is the number of builds of a rule's file, so that one file causes
// alerts on several machines.
const fileVariants = 3

type file struct{ sha1, sha256, md5 string }

func newGenerator(seed, tenant uint64, now time.Time) *generator {
	g := &generator{
		random:  rand.New(rand.NewPCG(seed, tenant)),
		now:     now.UTC(),
		company: companies[0],
		files:   map[*rule][fileVariants]file{},
	}
	if tenant != 0 {
		g.company = companies[1+tenant%uint64(len(companies)-1)]
	}
	for i := range machines {
		g.deviceIDs[i] = hexID(40, seed, "device", uint64(i))
	}
	for i := range rules {
		r := &rules[i]
		for range r.weight {
			g.rules = append(g.rules, r)
		}
		g.files[r] = filesOf(r)
	}
	return g
}

func filesOf(r *rule) (variants [fileVariants]file) {
	if r.file == "" {
		return variants
	}
	for i := range variants {
		n := uint64(i)
		variants[i] = file{
			sha1:   hexID(40, 0, "sha1/"+r.id, n),
			sha256: hexID(64, 0, "sha256/"+r.id, n),
			md5:    hexID(32, 0, "md5/"+r.id, n),
		}
	}
	return variants
}

// offset returns how long before now an alert was processed. The first sixteen are
// within two hours, the next two within a day and one within a week, so that small
// data has a tail too. The others follow the ratio seven to two to one.
func (g *generator) offset(alert int) time.Duration {
	die := g.random.IntN(10)
	switch {
	case alert < 16 || alert > 18 && die < 7:
		return g.between(newestOffset, recentOffset)
	case alert < 18 || alert > 18 && die < 9:
		return g.between(2*time.Hour+windowMargin, dayOffset)
	}
	return g.between(24*time.Hour+windowMargin, weekOffset)
}

func (g *generator) between(from, to time.Duration) time.Duration {
	return from + time.Duration(g.random.Int64N(int64(to-from)))
}
