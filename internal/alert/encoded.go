package alert

import "iter"

// A detail holds the values of a detection that only a list or a gate needs: for a
// gate without a list, the alert ID alone.
type detail struct {
	fullID, alertID string
	part            int64
	noPart          bool
	encoded         []byte
}

// textRounding is the maximum by which the allocator rounds up the two texts of a
// detail, in bytes.
const textRounding = 32

// addDetail stores the detail of a detection, if one is needed, in a row (counted
// from 1), or in a new row if that is 0. It returns the row.
func (s *Selection) addDetail(d *Detection, row int32) int32 {
	list, gate := s.options.Encode != nil, s.options.Gate
	if !list && (gate == nil || d.rank() < gate.Severity) {
		return row
	}
	stored := detail{alertID: string(d.Text(FieldAlertID))}
	if list {
		s.draft = s.options.Encode(s.draft[:0], d)
		stored.fullID, stored.encoded = string(d.Text(FieldFullID)), s.encoded.add(s.draft)
		stored.part, stored.noPart = d.Number(FieldAlertPart), d.IsNull(FieldAlertPart)
	}
	s.texts += len(stored.fullID) + len(stored.alertID) + textRounding
	if row == 0 {
		s.details.add(stored)
		return s.details.count
	}
	*s.details.at(row - 1) = stored
	return row
}

// Encoded yields the encoded form of the detections kept, in order. The selection
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

// Chunks have from 8 KiB to 1 MiB. One growing buffer would be copied again and
// again, and would take twice its size during a copy.
const (
	firstChunk = 8 << 10
	doublings  = 7
)

// chunks hold the encoded detections.
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
