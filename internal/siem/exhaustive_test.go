package siem

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// exhaustive makes TestExhaustive try every case rather than one in 499:
//
//	go test -run '^TestExhaustive$' -v ./internal/siem -exhaustive
var exhaustive = flag.Bool("exhaustive", false, "try every damaged response")

// A damaged response is its bytes on the wire and the outcomes that are right:
// what the oracle reads from content; or, without content, the list or an error;
// or, without both, an error.
type damaged struct {
	wire    []byte
	content []byte // for the oracle; nil if it does not decide
	list    []byte // the list that may be read if content is nil; nil: none
}

func judged(content, wire []byte) damaged    { return damaged{wire: wire, content: content} }
func atMost(list, wire []byte) damaged       { return damaged{wire: wire, list: list} }
func refused(wire []byte) damaged            { return damaged{wire: wire} }
func flipped(wire []byte, at, by int) []byte { w := bytes.Clone(wire); w[at] ^= byte(by); return w }

// TestExhaustive damages every seed in every way that is one step away: each
// prefix, each flipped bit (each other value of a byte, when the seed is short),
// in each framing, cut at each byte of the wire. The outcome must be the list
// that an independent reader makes of the same bytes, or an error; and if that
// reader finds no fault, the list.
func TestExhaustive(t *testing.T) {
	t.Parallel()
	stride := 499
	if *exhaustive {
		stride = 1
	}
	var count tally
	started := time.Now()
	// A group returns when all of its parallel tests have.
	t.Run("seeds", func(t *testing.T) {
		bodies := seeds(t)
		var names []string
		for name := range bodies {
			names = append(names, name)
		}
		// The longest first, so that both cores are busy to the end.
		slices.SortFunc(names, func(a, b string) int { return len(bodies[b]) - len(bodies[a]) })
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				count.damage(t, bodies[name], stride)
			})
		}
	})
	t.Logf("%d seeds, %d cases: %d lists, %d errors, %d wrong verdicts; %.0f s", count.seeds.Load(), count.cases.Load(),
		count.lists.Load(), count.cases.Load()-count.lists.Load(), count.wrong.Load(), time.Since(started).Seconds())
	if cases := count.cases.Load(); *exhaustive && cases < 500_000 {
		t.Errorf("cases = %d, want at least 500000", cases)
	}
}

// A tally counts cases and verdicts.
type tally struct{ seeds, cases, lists, wrong atomic.Int64 }

// damage tries one in stride of the damaged responses made from a body.
func (c *tally) damage(t *testing.T, body []byte, stride int) {
	whole, err := truthOf(body)
	if err != nil {
		t.Fatalf("truthOf(seed) fails with %v", err)
	}
	c.seeds.Add(1)
	r := newReader(t)
	n := len(body) // so that not every seed starts with the same case
	everyDamage(body, whole, func(what string, at int, make func() damaged) {
		if n++; n%stride != 0 {
			return
		}
		c.cases.Add(1)
		if wrong := c.verdict(r, make()); wrong != "" && c.wrong.Add(1) < 20 {
			t.Errorf("%s %d: %s", what, at, wrong)
		}
	})
}

// verdict reads a damaged response and returns what is wrong with the outcome.
func (c *tally) verdict(r *reader, d damaged) string {
	got, err := r.read(d.wire)
	if err == nil {
		c.lists.Add(1)
	} else if text := textProblem(err); text != "" {
		return text
	}
	if d.content == nil {
		if err == nil && (d.list == nil || !bytes.Equal(got, d.list)) {
			return fmt.Sprintf("alerts =\n%s\nwant an error or\n%s", got, d.list)
		}
		return ""
	}
	want, wrong := truthOf(d.content)
	switch {
	case err == nil && wrong != nil:
		return fmt.Sprintf("%q: alerts =\n%s\nwant an error", d.content, got)
	case err == nil && !bytes.Equal(got, want):
		return fmt.Sprintf("%q: alerts =\n%s\nwant\n%s", d.content, got, want)
	case err != nil && wrong == nil:
		return fmt.Sprintf("%q: error = %v, want\n%s", d.content, err, want)
	}
	return ""
}

// shortSeed is the length up to which every value of every byte is tried.
const shortSeed = 250

// everyDamage calls try for each damaged response that can be made from a body;
// make builds it.
func everyDamage(body, whole []byte, try func(what string, at int, make func() damaged)) {
	for n := range len(body) + 1 {
		everyPrefix(body, n, func(what string, make func() damaged) { try(what, n, make) })
	}
	for at := range body {
		step := func(by int) func() damaged {
			return func() damaged {
				content := flipped(body, at, by)
				return judged(content, framing((at+by)%int(framings)).frame(content))
			}
		}
		if len(body) <= shortSeed {
			for by := 1; by < 256; by++ {
				try("other byte at", at, step(by))
			}
			continue
		}
		for bit := range 8 {
			try("flipped bit at", at, func() damaged {
				content := flipped(body, at, 1<<bit)
				return judged(content, byLength.frame(content))
			})
			try("flipped bit, another framing, at", at, step(1<<bit))
		}
	}
	for f := range framings {
		everyFault(f, body, whole, try)
	}
}

// everyPrefix damages a response after n bytes of its body.
func everyPrefix(body []byte, n int, try func(what string, make func() damaged)) {
	part := body[:n]
	for f := range framings {
		try("complete prefix of", func() damaged { return judged(part, f.frame(part)) })
	}
	try("length too small by all but", func() damaged { return judged(part, withLength("", n, body)) })
	try("bad chunk after", func() damaged { return refused(badChunk(body, n)) })
	if n == len(body) {
		try("length too large by one after", func() damaged { return refused(withLength("", n+1, body)) })
		return
	}
	try("cut after", func() damaged { return refused(withLength("", len(body), part)) })
}

// everyFault damages a framing rather than its content: each bit of the head, of
// chunk sizes and of compressed data, and a cut at each byte.
func everyFault(f framing, body, whole []byte, try func(what string, at int, make func() damaged)) {
	wire := f.frame(body)
	start := bytes.Index(wire, []byte("\r\n\r\n")) + 4
	for at := range wire {
		if at < start || f == byGzip || f == byChunks && !inChunk(wire, start, at) {
			for bit := range 8 {
				try("flipped bit of the wire at", at, func() damaged { return atMost(whole, flipped(wire, at, 1<<bit)) })
			}
		}
		switch {
		case at >= start && f == byClose: // everyPrefix has that
		case at >= start:
			try("wire cut at", at, func() damaged { return refused(wire[:at]) })
		default:
			try("head cut at", at, func() damaged { return refused(wire[:at]) })
		}
	}
	if f == byGzip {
		packed := zip(body)
		for n := range packed {
			try("complete gzip cut at", n, func() damaged { return refused(lengthOf("Content-Encoding: gzip\r\n", packed[:n])) })
		}
	}
}

// inChunk reports whether a byte of a chunked body is data.
func inChunk(wire []byte, start, at int) bool {
	for start < at {
		end := start + bytes.IndexByte(wire[start:], '\n') + 1
		var size int
		if _, err := fmt.Sscanf(string(wire[start:end]), "%x", &size); err != nil {
			return false
		}
		if at < end {
			return false
		}
		if at < end+size {
			return true
		}
		start = end + size + 2
	}
	return false
}
