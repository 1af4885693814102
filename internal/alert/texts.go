package alert

import (
	"bytes"
	"cmp"
)

// texts holds texts in chunks, so that none is an allocation and nothing is
// copied when there are more.
type texts struct {
	chunks [][]byte
	size   int
}

// textChunk is the size of a chunk, but for a text that is longer. It fits the
// lower half of span.at.
const textChunk = 1 << 16

// A span is where a text is: the number of its chunk in the upper half of at,
// its start in the lower.
type span struct{ at, length uint32 }

func (t *texts) add(text []byte) span {
	last := len(t.chunks) - 1
	if last < 0 || cap(t.chunks[last])-len(t.chunks[last]) < len(text) {
		last++
		t.chunks = append(t.chunks, make([]byte, 0, max(textChunk>>max(0, 5-last), len(text))))
	}
	start := len(t.chunks[last])
	t.chunks[last] = append(t.chunks[last], text...)
	t.size += len(text)
	return span{uint32(last)<<16 | uint32(start), uint32(len(text))}
}

func (t *texts) text(s span) []byte {
	if s.length == 0 {
		return nil
	}
	start := s.at & (textChunk - 1)
	return t.chunks[s.at>>16][start : start+s.length]
}

// compare orders texts, null (empty) ones last.
func (t *texts) compare(a, b span) int {
	return cmp.Or(nullsLast(a.length == 0, b.length == 0), bytes.Compare(t.text(a), t.text(b)))
}

// entries holds entries in chunks likewise. They stay where they are.
type entries struct {
	chunks [][]entry
	count  int32
}

const entryChunk = 128

func (e *entries) add(one entry) {
	if e.count%entryChunk == 0 {
		e.chunks = append(e.chunks, make([]entry, 0, entryChunk))
	}
	last := len(e.chunks) - 1
	e.chunks[last] = append(e.chunks[last], one)
	e.count++
}

func (e *entries) at(i int32) *entry { return &e.chunks[i/entryChunk][i%entryChunk] }

// all yields the entries in the order in which they were added.
func (e *entries) all(yield func(*entry) bool) {
	for _, chunk := range e.chunks {
		for i := range chunk {
			if !yield(&chunk[i]) {
				return
			}
		}
	}
}
