package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// chunks reads in pieces of n bytes.
type chunks struct {
	r io.Reader
	n int
}

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.n)]) }

// readBy reads to the end with a buffer of n bytes.
func readBy(r io.Reader, n int) (string, error) {
	var out bytes.Buffer
	for p := make([]byte, n); ; {
		m, err := r.Read(p)
		out.Write(p[:m])
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return out.String(), err
		}
	}
}

// A readCase names a case of a test in its messages.
type readCase struct {
	text          string
	piece, buffer int
	reader        string
}

func (c readCase) String() string {
	return strings.TrimSpace(fmt.Sprintf("%q in pieces of %d with a buffer of %d %s", c.text, c.piece, c.buffer, c.reader))
}

var texts = []string{
	"", "a", "[]", "plain text of more than eight bytes",
	"é", "€", "😀", "aé€😀", "😀😀😀😀😀", "ééééééééé", "x€€€€€€€", "\u0000", "\uFFFD", "\uFEFF inside is kept: a\uFEFFb",
	"\U0010FFFF", strings.Repeat("aé€😀", 50),
}

// bodyOf returns the body of a response whose bytes come from source, with a limit
// that these tests do not reach.
func bodyOf(ctx context.Context, source io.Reader, coding string) *responseBody {
	resp := &http.Response{Header: http.Header{"Content-Encoding": {coding}}, Body: io.NopCloser(source)}
	b, _ := newBody(ctx, resp, 1<<20, nil)
	return b
}

// TestTextIsUnchanged reads texts in pieces and buffers of many sizes, with and
// without a byte order mark.
func TestTextIsUnchanged(t *testing.T) {
	t.Parallel()
	for _, text := range texts {
		text := strings.TrimPrefix(text, "\uFEFF")
		for _, mark := range []string{"", "\uFEFF"} {
			for piece := 1; piece <= 13; piece++ {
				for _, buffer := range []int{1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 64, 4096} {
					for name, source := range map[string]io.Reader{
						"plain":        chunks{strings.NewReader(mark + text), piece},
						"end with it":  iotest.DataErrReader(chunks{strings.NewReader(mark + text), piece}),
						"all in halfs": iotest.HalfReader(strings.NewReader(mark + text)),
					} {
						b := bodyOf(t.Context(), source, "")
						got, err := readBy(b.text, buffer)
						what := readCase{mark + text, piece, buffer, name}
						if err != nil {
							t.Fatalf("%v: Read() = %v, want nil", what, err)
						}
						if got != text {
							t.Fatalf("%v: text = %q, want %q", what, got, text)
						}
						if b.cause.kind != "" {
							t.Fatalf("%v: cause = %q, want none", what, b.cause.kind)
						}
					}
				}
			}
		}
	}
}

// Only one byte order mark, at the start, is dropped.
func TestSecondMarkStays(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{"\uFEFF", "\uFEFF[]", "[\uFEFF]", strings.Repeat("\uFEFF", 5000)} {
		got, err := io.ReadAll(bodyOf(t.Context(), strings.NewReader("\uFEFF"+rest), "").text)
		if err != nil {
			t.Errorf("ReadAll(a mark and %.20q) = %v, want nil", rest, err)
		}
		if string(got) != rest {
			t.Errorf("ReadAll(a mark and %.20q) = %.20q, want it without the first mark", rest, got)
		}
	}
}

// TestTextRefuses puts every kind of invalid UTF-8 at every place.
func TestTextRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"\xff", "\xfe", "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe0\x80\x80", "\xef\xbb", "\xef", "\xff\xfe[\x00]\x00", "\xfe\xff\x00[\x00]",
	} {
		for _, around := range [][2]string{{"", ""}, {"[", "]"}, {"é€😀", "é"}, {"\uFEFF", ""}, {"1234567", "890"}, {"12345678901", ""}} {
			for piece := 1; piece <= 9; piece++ {
				for _, buffer := range []int{1, 3, 8, 9, 64} {
					text := around[0] + bad + around[1]
					if utf8.ValidString(text) {
						t.Fatalf("ValidString(%q) = true, want false", text)
					}
					b := bodyOf(t.Context(), chunks{strings.NewReader(text), piece}, "")
					got, err := readBy(b.text, buffer)
					what := readCase{text: text, piece: piece, buffer: buffer}
					if err == nil {
						t.Fatalf("%v: Read() = nil, want an error", what)
					}
					if b.cause.kind != NotUTF8 {
						t.Fatalf("%v: cause = %q, want %q", what, b.cause.kind, NotUTF8)
					}
					if valid := strings.TrimPrefix(around[0], "\uFEFF"); !strings.HasPrefix(valid, got) {
						t.Fatalf("%v: text = %q, want a prefix of %q", what, got, valid)
					}
					if _, next := b.text.Read(make([]byte, 9)); !errors.Is(next, err) {
						t.Fatalf("%v: next Read() = %v, want %v again", what, next, err)
					}
				}
			}
		}
	}
}

// A network error is the cause, and each further read returns it. Text that was
// read ahead before it is dropped.
func TestNetworkErrorIsTheCause(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, text := range []string{"", "a", "[]", "12345678901", "é€😀"} {
		for piece := 1; piece <= 9; piece++ {
			for _, buffer := range []int{1, 3, 8, 64} {
				b := bodyOf(t.Context(), chunks{io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), piece}, "")
				got, err := readBy(b.text, buffer)
				what := readCase{text: text, piece: piece, buffer: buffer}
				if !errors.Is(err, broken) {
					t.Fatalf("%v: Read() = %v, want %v", what, err, broken)
				}
				if !strings.HasPrefix(text, got) {
					t.Fatalf("%v: text = %q, want a prefix", what, got)
				}
				if b.cause.kind != Broken {
					t.Fatalf("%v: cause = %q, want %q", what, b.cause.kind, Broken)
				}
				if b.network.n != int64(len(text)) {
					t.Fatalf("%v: bytes from the network = %d, want %d", what, b.network.n, len(text))
				}
			}
		}
	}
	if n, err := bodyOf(t.Context(), strings.NewReader("a"), "").text.Read(nil); n != 0 || err != nil {
		t.Errorf("Read(nil) = %d, %v, want 0, nil", n, err)
	}
}

// Errors of the readers above a failed reader are consequences, which do not replace
// its error.
func TestInnermostCauseWins(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, "[]")
	_ = w.Close()
	broken := iotest.ErrReader(io.ErrUnexpectedEOF)
	for name, test := range map[string]struct {
		source io.Reader
		coding string
		want   Kind
	}{
		"network below gzip":     {io.MultiReader(bytes.NewReader(packed.Bytes()[:12]), broken), "gzip", Broken},
		"network in gzip header": {io.MultiReader(bytes.NewReader(packed.Bytes()[:5]), broken), "gzip", Broken},
		"network in a character": {io.MultiReader(strings.NewReader("\xc3"), broken), "", Broken},
		"network in a mark":      {io.MultiReader(strings.NewReader("\xef\xbb"), broken), "", Broken},
		"truncated gzip":         {bytes.NewReader(packed.Bytes()[:12]), "gzip", Encoding},
		"gzip of nothing":        {strings.NewReader(""), "gzip", Encoding},
		"no gzip":                {strings.NewReader("\xff"), "gzip", Encoding},
		"not text":               {strings.NewReader("\xff"), "", NotUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bodyOf(t.Context(), test.source, test.coding)
			if _, err := io.ReadAll(b.text); err == nil {
				t.Error("ReadAll() = nil, want an error")
			}
			if b.cause.kind != test.want {
				t.Errorf("cause = %q, want %q", b.cause.kind, test.want)
			}
		})
	}
}

// Buffered bytes are not read after the end of the attempt.
func TestNothingAfterTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := bodyOf(ctx, strings.NewReader(strings.Repeat("x", 1<<16)), "")
	if n, err := b.text.Read(make([]byte, 10)); n != 10 || err != nil {
		t.Fatalf("Read() = %d, %v, want 10, nil", n, err)
	}
	cancel()
	if n, err := b.text.Read(make([]byte, 10)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Read() after cancel = %d, %v, want 0, %v", n, err, context.Canceled)
	}
}

// The bytes from the network may exceed the limit by what compression adds, and no more.
func TestNetworkLimit(t *testing.T) {
	t.Parallel()
	const maxBytes = 10
	for more, want := range map[int]Kind{0: "", 1: TooLarge} {
		source := strings.NewReader(strings.Repeat("x", maxBytes+compressionOverhead+more))
		b, _ := newBody(t.Context(), &http.Response{Body: io.NopCloser(source)}, maxBytes, nil)
		n, err := io.Copy(io.Discard, b.text)
		if b.cause.kind != want || (err == nil) != (want == "") {
			t.Errorf("%d bytes more than the limit: Copy() = %v, cause = %q, want %q", more, err, b.cause.kind, want)
		}
		if n > maxBytes+compressionOverhead {
			t.Errorf("%d bytes more than the limit: bytes read = %d, want at most the limit", more, n)
		}
	}
}

// A limit is exact with every size of the buffer.
func TestStageLimit(t *testing.T) {
	t.Parallel()
	for size := range 40 {
		for maxBytes := range 40 {
			for _, buffer := range []int{1, 2, 7, 64} {
				r := (*Client)(nil).Begin(nil, nil, int64(maxBytes))
				c := &cause{ctx: t.Context()}
				s := &stage{r: strings.NewReader(strings.Repeat("x", size)), cause: c, take: r.take}
				got, err := readBy(s, buffer)
				what := fmt.Sprintf("%d bytes with a limit of %d and a buffer of %d", size, maxBytes, buffer)
				if size <= maxBytes {
					if err != nil {
						t.Fatalf("%s: Read() = %v, want nil", what, err)
					}
					if outcome := [3]int64{int64(len(got)), s.n, r.used}; outcome != [3]int64{int64(size), int64(size), int64(size)} {
						t.Fatalf("%s: bytes returned, counted and used = %d, want %d each", what, outcome, size)
					}
					continue
				}
				if !errors.Is(err, errTooLarge) {
					t.Fatalf("%s: Read() = %v, want %v", what, err, errTooLarge)
				}
				if len(got) > maxBytes {
					t.Fatalf("%s: bytes returned = %d, want at most %d", what, len(got), maxBytes)
				}
				if c.kind != TooLarge {
					t.Fatalf("%s: cause = %q, want %q", what, c.kind, TooLarge)
				}
				if r.used != s.n {
					t.Fatalf("%s: bytes used = %d, want those counted, %d", what, r.used, s.n)
				}
			}
		}
	}
}
