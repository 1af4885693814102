package alert

import "iter"

// Chunks are allocated from 8 KiB to 1 MiB. One growing buffer would
// be copied over and over, and would need twice its size while it is.
const (
	firstChunk = 8 << 10
	doublings  = 7
)

// chunks holds encoded alerts.
type chunks struct {
	buffers [][]byte
	size    int
}

type chunkSpan struct{ chunk, start, end int32 }

func (c *chunks) reset() { *c = chunks{} }

// add has one alert appended. One that is larger than the rest of its chunk makes
// the chunk grow.
func (c *chunks) add(encode func([]byte) []byte) chunkSpan {
	last := len(c.buffers) - 1
	if last < 0 || len(c.buffers[last]) > cap(c.buffers[last])/16*15 {
		last++
		c.buffers = append(c.buffers, make([]byte, 0, firstChunk<<min(last, doublings)))
	}
	start := len(c.buffers[last])
	c.buffers[last] = encode(c.buffers[last])
	end := len(c.buffers[last])
	c.size += end - start
	return chunkSpan{int32(last), int32(start), int32(end)}
}

func (c *chunks) at(s chunkSpan) []byte { return c.buffers[s.chunk][s.start:s.end:s.end] }

// Encoded yields the encoded form of the alerts kept, in order.
func (s *Selection) Encoded() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, e := range s.kept() {
			if !yield(s.encoded.at(e.encoded)) {
				return
			}
		}
	}
}
