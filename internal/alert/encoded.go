package alert

import "iter"

// A detail holds the values that only a list or a gate needs. A gate without a
// list needs the alert ID alone.
type detail struct {
	fullID, alertID string
	part            int64
	noPart          bool
	encoded         []byte
}

// textRounding is the most by which the allocator rounds up a short text.
const textRounding = 16

// addDetail adds the detail of an alert if it needs one, into an existing row
// (counted from 1) unless that is 0, and returns the row.
func (s *Selection) addDetail(a *Alert, row int32) int32 {
	list, gate := s.options.Encode != nil, s.options.Gate
	if !list && (gate == nil || a.rank() < gate.Severity) {
		return row
	}
	d := detail{alertID: string(a.Text(FieldAlertID))}
	if list {
		s.draft = s.options.Encode(s.draft[:0], a)
		d.fullID, d.encoded = string(a.Text(FieldFullID)), s.encoded.add(s.draft)
		d.part, d.noPart = a.Number(FieldAlertPart), a.IsNull(FieldAlertPart)
	}
	s.texts += len(d.fullID) + len(d.alertID) + 2*textRounding
	if row == 0 {
		s.details.add(d)
		return s.details.count
	}
	*s.details.at(row - 1) = d
	return row
}

// Encoded yields the encoded form of the alerts kept, in order. The selection
// must have been made with Encode.
func (s *Selection) Encoded() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, i := range s.kept() {
			if !yield(s.details.at(s.entries.at(i).detail - 1).encoded) {
				return
			}
		}
	}
}

// Chunks are allocated from 8 KiB to 1 MiB. One growing buffer would be copied
// over and over, and would need twice its size while it is.
const (
	firstChunk = 8 << 10
	doublings  = 7
)

// chunks hold the encoded alerts.
type chunks struct {
	last  []byte
	count int
	held  int // bytes
}

// add returns a copy of a text, in the last chunk or in a new one.
func (c *chunks) add(text []byte) []byte {
	if cap(c.last)-len(c.last) < len(text) {
		c.last = make([]byte, 0, max(firstChunk<<min(c.count, doublings), len(text)))
		c.count++
		c.held += cap(c.last)
	}
	start := len(c.last)
	c.last = append(c.last, text...)
	return c.last[start:len(c.last):len(c.last)]
}
