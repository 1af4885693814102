package siem

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A framing is the way in which HTTP marks the end of a body. Each function below
// returns a whole response as it is on the wire.
type framing int

const (
	byLength framing = iota
	byChunks
	byClose
	byGzip
	framings
)

const jsonHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"

// frame returns a response with this body.
func (f framing) frame(body []byte) []byte {
	switch f {
	case byChunks:
		return chunks(body)
	case byClose:
		return untilClose(body)
	case byGzip:
		return lengthOf("Content-Encoding: gzip\r\n", zip(body))
	}
	return lengthOf("", body)
}

func lengthOf(headers string, body []byte) []byte { return withLength(headers, len(body), body) }

func withLength(headers string, length int, body []byte) []byte {
	return fmt.Appendf(nil, "%s%sContent-Length: %d\r\n\r\n%s", jsonHead, headers, length, body)
}

func untilClose(body []byte) []byte {
	return fmt.Appendf(nil, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n%s", body)
}

const chunkedHead = jsonHead + "Transfer-Encoding: chunked\r\n\r\n"

// chunkSize makes several chunks of most seeds.
const chunkSize = 300

func chunks(body []byte) []byte {
	wire := []byte(chunkedHead)
	for len(body) > 0 {
		n := min(chunkSize, len(body))
		wire = fmt.Appendf(wire, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return append(wire, "0\r\n\r\n"...)
}

// badChunk returns a response with a chunk size that is not a number after n bytes.
func badChunk(body []byte, n int) []byte {
	wire := []byte(chunkedHead)
	if n > 0 {
		wire = fmt.Appendf(wire, "%x\r\n%s\r\n", n, body[:n])
	}
	return fmt.Appendf(wire, "zz\r\n%s\r\n0\r\n\r\n", body[n:])
}

var zippers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of the package
	}
	return w
}}

func zip(body []byte) []byte {
	var out bytes.Buffer
	w, _ := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

var bufios = sync.Pool{New: func() any { return bufio.NewReader(strings.NewReader("")) }}

// A pooledBody returns its buffer to the pool when it is closed.
type pooledBody struct {
	io.ReadCloser
	buffer *bufio.Reader
}

func (b *pooledBody) Close() error {
	err := b.ReadCloser.Close()
	bufios.Put(b.buffer)
	return err
}

// respond parses a response as net/http does on a connection that ends after it.
// If pieces is not 0, that many bytes arrive at a time.
func respond(r *http.Request, wire []byte, pieces int) (*http.Response, error) {
	var connection io.Reader = bytes.NewReader(wire)
	if pieces > 0 {
		connection = &pieceReader{connection, pieces}
	}
	buffer, _ := bufios.Get().(*bufio.Reader)
	buffer.Reset(connection)
	resp, err := http.ReadResponse(buffer, r)
	if err != nil {
		bufios.Put(buffer)
		return nil, err
	}
	resp.Body = &pooledBody{resp.Body, buffer}
	return resp, nil
}

// A pieceReader returns at most n bytes at a time.
type pieceReader struct {
	io.Reader
	n int
}

func (r *pieceReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), r.n)]) }

// The list does not depend on the framing of a body or the pieces in which it
// arrives.
func TestFramings(t *testing.T) {
	t.Parallel()
	for name, body := range seeds(t) {
		want, err := truthOf(body)
		if err != nil {
			t.Fatalf("%s: truthOf() fails with %v", name, err)
		}
		for f := range framings {
			for _, pieces := range []int{0, 1, 7, 64, 4095} {
				what := fmt.Sprintf("%s, framing %d, %d bytes at a time", name, f, pieces)
				var got listSink
				if err := readAll(newClient(t, "http://localhost", optionsFor(f.frame(body), pieces), nil), &got); err != nil {
					t.Errorf("%s: Read() = %v, want nil", what, err)
					continue
				}
				wantSame(t, what, got.text, want)
			}
		}
	}
}

// Nor does the decoder depend on the pieces.
func TestDecodeInPieces(t *testing.T) {
	t.Parallel()
	for name, body := range seeds(t) {
		body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
		want, err := truthOf(body)
		if err != nil {
			t.Fatal(err)
		}
		for how, r := range map[string]io.Reader{
			"one byte":       iotest.OneByteReader(bytes.NewReader(body)),
			"half":           iotest.HalfReader(bytes.NewReader(body)),
			"end with data":  iotest.DataErrReader(bytes.NewReader(body)),
			"nothing, often": &hesitant{r: bytes.NewReader(body)},
		} {
			var got listSink
			if err := decode(r, "", got.Add); err != nil {
				t.Errorf("%s, %s: decode() = %v, want nil", name, how, err)
			}
			wantSame(t, name+", "+how, got.text, want)
		}
	}
}

// hesitant returns nothing at every other read, which a reader may.
type hesitant struct {
	r    io.Reader
	gave bool
}

func (h *hesitant) Read(p []byte) (int, error) {
	if h.gave = !h.gave; !h.gave {
		return 0, nil
	}
	return h.r.Read(p)
}

// A value may start anywhere in a buffer and exceed the rest of it.
func TestLongValuesAnywhere(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 60, 130, 4090} {
		for spaces := range 70 {
			body := fmt.Appendf(nil, "[%*s{\"Long\":\"%s\",\"%s\":1,%s}]", spaces, "",
				strings.Repeat("ü", size/2), strings.Repeat("k", size), minimum)
			want, err := truthOf(body)
			if err != nil {
				t.Fatal(err)
			}
			var got listSink
			if err := readAll(clientFor(t, byLength.frame(body)), &got); err != nil {
				t.Fatalf("%d bytes after %d spaces: Read() = %v, want nil", size, spaces, err)
			}
			if !bytes.Equal(got.text, want) {
				t.Fatalf("%d bytes after %d spaces: alerts =\n%s\nwant\n%s", size, spaces, got.text, want)
			}
		}
	}
}

// A reader reads one response after another through a client without a network.
type reader struct {
	wire   []byte
	client *Client
	list   listSink
}

func newReader(t testing.TB) *reader {
	t.Helper()
	r := &reader{}
	base := roundTripper(func(req *http.Request) (*http.Response, error) { return respond(req, r.wire, 0) })
	r.client = newClient(t, "http://localhost", transport.Options{Base: base}, nil)
	return r
}

// read returns the list that is read from a response, valid until the next call.
func (r *reader) read(wire []byte) ([]byte, error) {
	r.wire = wire
	err := readAll(r.client, &r.list)
	return r.list.text, err
}
