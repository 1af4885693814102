package transport

import (
	"bytes"
	"errors"
	"io"
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

// TestUTF8ReaderPassesText has every size of piece from below and every size
// of buffer from above, with a byte order mark and without.
func TestUTF8ReaderPassesText(t *testing.T) {
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
						u := newUTF8Reader(source)
						if got, err := readBy(u, buffer); got != text || err != nil || u.invalid {
							t.Fatalf("%q, mark %q, %s, pieces of %d, buffer of %d: got %q, %v", text, mark, name, piece, buffer, got, err)
						}
					}
				}
			}
		}
	}
}

// TestUTF8ReaderRefuses puts every kind of bad bytes at every place.
func TestUTF8ReaderRefuses(t *testing.T) {
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
					u := newUTF8Reader(chunks{strings.NewReader(text), piece})
					got, err := readBy(u, buffer)
					if !errors.Is(err, errNotUTF8) || !u.invalid || !strings.HasPrefix(strings.TrimPrefix(around[0], "\uFEFF"), got) && got != "" {
						t.Fatalf("%q, pieces of %d, buffer of %d: got %q, %v", text, piece, buffer, got, err)
					}
				}
			}
		}
	}
}

func TestUTF8ReaderPassesErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, text := range []string{"", "a", "[]", "12345678901", "é€😀"} {
		for piece := 1; piece <= 9; piece++ {
			for _, buffer := range []int{1, 3, 8, 64} {
				u := newUTF8Reader(chunks{io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), piece})
				if got, err := readBy(u, buffer); !errors.Is(err, broken) || got != text || u.invalid {
					t.Fatalf("%q, pieces of %d, buffer of %d: got %q, %v", text, piece, buffer, got, err)
				}
			}
		}
	}
	if n, err := newUTF8Reader(strings.NewReader("a")).Read(nil); n != 0 || err != nil {
		t.Errorf("an empty buffer: %d, %v", n, err)
	}
}

func TestSizeReader(t *testing.T) {
	t.Parallel()
	for size := range 40 {
		for limit := range 40 {
			for _, buffer := range []int{1, 2, 7, 64} {
				s := &sizeReader{r: strings.NewReader(strings.Repeat("x", size)), left: int64(limit)}
				got, err := readBy(s, buffer)
				if size <= limit && (len(got) != size || err != nil || s.exceeded || s.n != int64(size)) {
					t.Fatalf("%d of %d: %d bytes, %v", size, limit, len(got), err)
				}
				if size > limit && (len(got) > limit || !errors.Is(err, errTooLarge) || !s.exceeded || s.n != int64(limit)) {
					t.Fatalf("%d of %d: %d bytes, n %d, %v", size, limit, len(got), s.n, err)
				}
			}
		}
	}
}

func TestWireReaderRemembers(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		r   io.Reader
		err error
	}{
		"good":           {strings.NewReader("abc"), nil},
		"broken":         {io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), broken},
		"unexpected end": {io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wireReader{r: test.r}
			_, _ = io.Copy(io.Discard, w)
			if !errors.Is(w.err, test.err) || w.n != 3 {
				t.Errorf("%d bytes, %v", w.n, w.err)
			}
		})
	}
}
