package transport

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// body returns a reader of a request's body; nil for none, which is how
// net/http tells "no body" from an empty one.
func body(text string) io.Reader {
	if text == "" {
		return nil
	}
	return strings.NewReader(text)
}

// wireReader counts what comes over the wire and remembers the error with which
// it broke off, which the decoders above it would replace with their own.
type wireReader struct {
	r   io.Reader
	n   int64
	err error // other than io.EOF
}

func (w *wireReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

var errTooLarge = errors.New("transport: reply too large")

// sizeReader ends with an error as soon as more than left bytes come.
type sizeReader struct {
	r        io.Reader
	left     int64
	n        int64
	exceeded bool
	err      error // of the content, other than io.EOF
}

func (s *sizeReader) Read(p []byte) (int, error) {
	// One byte more than allowed is asked for, to tell "exactly full" from "too long".
	if int64(len(p)) > s.left+1 {
		p = p[:s.left+1]
	}
	n, err := s.r.Read(p)
	if int64(n) > s.left {
		s.exceeded = true
		s.n += s.left
		return 0, errTooLarge
	}
	s.left -= int64(n)
	s.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

var errNotUTF8 = errors.New("transport: reply is not UTF-8")

// utf8Reader passes valid UTF-8 on and ends with an error at the first byte that
// is not. It drops a byte order mark at the start. It stands below the JSON
// decoder because that one cannot tell a bad byte from the escape of a lone
// surrogate, which is valid and occurs in Windows file names.
type utf8Reader struct {
	r       io.Reader
	carry   []byte // the start of a character that the last read cut
	ready   []byte // checked, for a reader that asks for a few bytes at a time
	failed  error  // what comes after ready
	started bool
	invalid bool
	buf     [utf8.UTFMax]byte
	small   [2 * utf8.UTFMax]byte
}

func newUTF8Reader(r io.Reader) *utf8Reader { return &utf8Reader{r: r} }

func (u *utf8Reader) Read(p []byte) (int, error) {
	if len(p) < len(u.small) || len(u.ready) > 0 || u.failed != nil {
		return u.readSmall(p)
	}
	n := copy(p, u.carry)
	u.carry = nil
	m, err := u.r.Read(p[n:])
	n += m
	if !u.started && n > 0 && (n >= 3 || err != nil || p[0] != 0xEF) {
		u.started = true
		if n >= 3 && string(p[:3]) == "\uFEFF" {
			n = copy(p, p[3:n])
		}
	}
	whole := wholeRunes(p[:n])
	if !utf8.Valid(p[:whole]) || err != nil && whole < n {
		u.invalid = true
		return 0, errNotUTF8
	}
	u.carry = append(u.buf[:0], p[whole:n]...)
	if whole == 0 && err == nil && m > 0 {
		return u.Read(p)
	}
	return whole, err
}

// readSmall serves a reader that asks for less than a character may take.
func (u *utf8Reader) readSmall(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(u.ready) == 0 && u.failed == nil {
		n, err := u.Read(u.small[:])
		u.ready, u.failed = u.small[:n], err
	}
	n := copy(p, u.ready)
	u.ready = u.ready[n:]
	if len(u.ready) > 0 {
		return n, nil
	}
	return n, u.failed
}

// wholeRunes returns how many bytes of p remain without a character that its
// end cuts in two.
func wholeRunes(p []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		if b := p[len(p)-back]; utf8.RuneStart(b) {
			if !utf8.FullRune(p[len(p)-back:]) {
				return len(p) - back
			}
			break
		}
	}
	return len(p)
}
