package alert

import "iter"

// A detail is what only a list or a gate needs of an alert. Its texts follow one
// another in a chunk: full_id, alert_id, encoded form. For a gate without a list
// there is the alert_id alone.
type detail struct {
	part   int64
	chunk  int32
	start  int32
	id     int32 // from start, where alert_id begins
	form   int32 // likewise the encoded form
	length int32
	noPart bool
}

// addDetail adds the detail of an alert if it needs one, into an existing row
// (counted from 1) unless that is 0, and returns the row.
func (s *Selection) addDetail(a *Alert, row int32) int32 {
	list, gate := s.options.Encode != nil, s.options.Gate
	if !list && (gate == nil || a.rank() < gate.Severity) {
		return row
	}
	d := detail{part: a.Number(FieldAlertPart), noPart: a.IsNull(FieldAlertPart)}
	draft := s.draft[:0]
	if list {
		draft = append(draft, a.Text(FieldFullID)...)
	}
	d.id = int32(len(draft))
	draft = append(draft, a.Text(FieldAlertID)...)
	d.form = int32(len(draft))
	if list {
		draft = s.options.Encode(draft, a)
	}
	d.length = int32(len(draft))
	d.chunk, d.start, s.draft = s.encoded.add(draft)
	if row > 0 {
		*s.details.at(row - 1) = d
		return row
	}
	s.details.add(d)
	return s.details.count
}

// alertID returns the alert_id of an entry that has a detail, or else nil.
func (s *Selection) alertID(e *entry) []byte {
	if e.detail == 0 {
		return nil
	}
	return s.encoded.alertID(s.details.at(e.detail - 1))
}

// Encoded yields the encoded form of the alerts kept, in order. The selection
// must have been made with Encode.
func (s *Selection) Encoded() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, i := range s.kept() {
			if !yield(s.encoded.form(s.details.at(s.entries.at(i).detail - 1))) {
				return
			}
		}
	}
}

// Chunks are allocated from 8 KiB to 1 MiB. One growing buffer would be copied
// over and over, and would need twice its size while it is. A text from longChunk
// on is a chunk of its own.
const (
	firstChunk = 8 << 10
	doublings  = 7
	longChunk  = 256 << 10
)

// chunks hold the texts of details.
type chunks struct {
	buffers [][]byte
	held    int // bytes
}

// add adds a text and returns where it is, and a buffer for the next text.
func (c *chunks) add(text []byte) (chunk, start int32, next []byte) {
	last := len(c.buffers) - 1
	switch {
	case len(text) >= longChunk:
		c.buffers = append(c.buffers, text)
		c.held += cap(text)
		return int32(last + 1), 0, nil
	case last < 0 || cap(c.buffers[last])-len(c.buffers[last]) < len(text):
		last++
		size := max(firstChunk<<min(last, doublings), len(text))
		c.buffers = append(c.buffers, make([]byte, 0, size))
		c.held += size
	}
	start = int32(len(c.buffers[last]))
	c.buffers[last] = append(c.buffers[last], text...)
	return int32(last), start, text
}

func (c *chunks) text(d *detail, from, to int32) []byte {
	return c.buffers[d.chunk][d.start+from : d.start+to : d.start+to]
}

func (c *chunks) fullID(d *detail) []byte  { return c.text(d, 0, d.id) }
func (c *chunks) alertID(d *detail) []byte { return c.text(d, d.id, d.form) }
func (c *chunks) form(d *detail) []byte    { return c.text(d, d.form, d.length) }
