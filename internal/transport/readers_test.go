package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
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

var texts = []string{
	"", "a", "[]", "plain text of more than eight bytes",
	"é", "€", "😀", "aé€😀", "😀😀😀😀😀", "ééééééééé", "x€€€€€€€", "\u0000", "\uFFFD", "\uFEFF inside is kept: a\uFEFFb",
	"\U0010FFFF", strings.Repeat("aé€😀", 50),
}

// bodyOf returns the body of a response whose bytes come from source, without a
// limit that matters here.
func bodyOf(ctx context.Context, source io.Reader, coding string) *responseBody {
	resp := &http.Response{Header: http.Header{"Content-Encoding": {coding}}, Body: io.NopCloser(source)}
	b, _ := newBody(ctx, resp, 1<<20, nil)
	return b
}

// TestTextPasses has every size of piece from below and every size of buffer
// from above, with a byte order mark and without.
func TestTextPasses(t *testing.T) {
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
						if got, err := readBy(b.text, buffer); got != text || err != nil || b.cause.kind != "" {
							t.Fatalf("%q, mark %q, %s, pieces of %d, buffer of %d: got %q, %v, cause %q, want the text",
								text, mark, name, piece, buffer, got, err, b.cause.kind)
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
		if got, err := io.ReadAll(bodyOf(t.Context(), strings.NewReader("\uFEFF"+rest), "").text); string(got) != rest || err != nil {
			t.Errorf("a mark and %.20q: got %.20q, %v, want it without the first mark", rest, got, err)
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
						t.Fatalf("%q is valid", text)
					}
					b := bodyOf(t.Context(), chunks{strings.NewReader(text), piece}, "")
					got, err := readBy(b.text, buffer)
					if err == nil || b.cause.kind != NotUTF8 || !strings.HasPrefix(strings.TrimPrefix(around[0], "\uFEFF"), got) {
						t.Fatalf("%q, pieces of %d, buffer of %d: got %q, %v, cause %q, want cause %q",
							text, piece, buffer, got, err, b.cause.kind, NotUTF8)
					}
					if _, again := b.text.Read(make([]byte, 9)); !errors.Is(again, err) {
						t.Fatalf("%q: the next read has %v, want %v again", text, again, err)
					}
				}
			}
		}
	}
}

// A network error is the cause and comes again. Of the text before it, what was
// read ahead is not passed on.
func TestNetworkErrorIsTheCause(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, text := range []string{"", "a", "[]", "12345678901", "é€😀"} {
		for piece := 1; piece <= 9; piece++ {
			for _, buffer := range []int{1, 3, 8, 64} {
				b := bodyOf(t.Context(), chunks{io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), piece}, "")
				got, err := readBy(b.text, buffer)
				if !errors.Is(err, broken) || !strings.HasPrefix(text, got) || b.cause.kind != Broken || b.network.n != int64(len(text)) {
					t.Fatalf("%q, pieces of %d, buffer of %d: got %q, %v, cause %q after %d bytes, want %v, %q",
						text, piece, buffer, got, err, b.cause.kind, b.network.n, broken, Broken)
				}
			}
		}
	}
	if n, err := bodyOf(t.Context(), strings.NewReader("a"), "").text.Read(nil); n != 0 || err != nil {
		t.Errorf("Read(nil) = %d, %v, want 0, nil", n, err)
	}
}

// The readers above an error see consequences, which do not replace it.
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
		"network below gzip":      {io.MultiReader(bytes.NewReader(packed.Bytes()[:12]), broken), "gzip", Broken},
		"network in gzip header":  {io.MultiReader(bytes.NewReader(packed.Bytes()[:5]), broken), "gzip", Broken},
		"network in a character":  {io.MultiReader(strings.NewReader("\xc3"), broken), "", Broken},
		"network in a mark":       {io.MultiReader(strings.NewReader("\xef\xbb"), broken), "", Broken},
		"gzip cut":                {bytes.NewReader(packed.Bytes()[:12]), "gzip", Encoding},
		"gzip of nothing":         {strings.NewReader(""), "gzip", Encoding},
		"no gzip":                 {strings.NewReader("\xff"), "gzip", Encoding},
		"bytes that are not text": {strings.NewReader("\xff"), "", NotUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bodyOf(t.Context(), test.source, test.coding)
			if _, err := io.ReadAll(b.text); err == nil || b.cause.kind != test.want {
				t.Errorf("got %v, cause %q, want cause %q", err, b.cause.kind, test.want)
			}
		})
	}
}

// What is buffered is not read after the end of the attempt.
func TestNothingAfterTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := bodyOf(ctx, strings.NewReader(strings.Repeat("x", 1<<16)), "")
	if n, err := b.text.Read(make([]byte, 10)); n != 10 || err != nil {
		t.Fatalf("Read() = %d, %v, want 10, nil", n, err)
	}
	cancel()
	if n, err := b.text.Read(make([]byte, 10)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: Read() = %d, %v, want 0, %v", n, err, context.Canceled)
	}
}

// A limit is exact, whatever the size of the buffer.
func TestStageLimit(t *testing.T) {
	t.Parallel()
	for size := range 40 {
		for maxBytes := range 40 {
			for _, buffer := range []int{1, 2, 7, 64} {
				r := (*Client)(nil).Begin(nil, nil, int64(maxBytes))
				c := &cause{ctx: t.Context()}
				s := &stage{r: strings.NewReader(strings.Repeat("x", size)), cause: c, take: r.take}
				got, err := readBy(s, buffer)
				if size <= maxBytes && (len(got) != size || err != nil || s.n != int64(size) || r.used != int64(size)) {
					t.Fatalf("%d of %d: %d bytes, n %d, used %d, %v", size, maxBytes, len(got), s.n, r.used, err)
				}
				if size > maxBytes && (len(got) > maxBytes || !errors.Is(err, errTooLarge) || c.kind != TooLarge || r.used != s.n) {
					t.Fatalf("%d of %d: %d bytes, n %d, used %d, %v, cause %q", size, maxBytes, len(got), s.n, r.used, err, c.kind)
				}
			}
		}
	}
}
