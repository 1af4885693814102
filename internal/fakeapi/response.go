package fakeapi

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

const jsonType = "application/json; charset=utf-8"

// response is a complete response, not compressed.
type response struct {
	status   int
	header   http.Header
	body     []byte
	verbatim bool // never to be compressed
}

func jsonResponse(status int, body []byte) response {
	return response{status: status, header: http.Header{"Content-Type": {jsonType}}, body: body}
}

func textResponse(status int, body string) response {
	header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	return response{status: status, header: header, body: []byte(body)}
}

// with sets a header and returns the response.
func (p response) with(key, value string) response {
	p.header.Set(key, value)
	return p
}

// write sends the response with its exact length. If header has no Content-Type,
// none is sent: net/http would guess one.
func (p response) write(w http.ResponseWriter) {
	p.writeHead(w, len(p.body))
	_, _ = w.Write(p.body)
}

// writeHead sends status and headers, with length as the Content-Length if the
// status allows one; a negative length means none.
func (p response) writeHead(w http.ResponseWriter, length int) {
	header := w.Header()
	header["Content-Type"] = nil
	maps.Copy(header, p.header)
	if length >= 0 && p.status != http.StatusNoContent && p.status != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(p.status)
}

// compressed returns the response in gzip form.
func (p response) compressed() response {
	header := p.header.Clone()
	header.Set("Content-Encoding", "gzip")
	return response{status: p.status, header: header, body: gzipped(p.body)}
}

// compressors are kept because a new one costs more than a small response.
var compressors sync.Pool

func gzipped(body []byte) []byte {
	var out bytes.Buffer
	w, ok := compressors.Get().(*gzip.Writer)
	if !ok {
		var err error
		if w, err = gzip.NewWriterLevel(nil, gzip.BestSpeed); err != nil {
			panic(err) // the level is a constant of the package
		}
	}
	defer compressors.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

// acceptsGzip reports whether Accept-Encoding allows gzip; "gzip;q=0" does not.
func acceptsGzip(header http.Header) bool {
	for _, item := range strings.Split(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		coding, parameters, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		weight, weighted := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !weighted || err == nil && q > 0
	}
	return false
}
