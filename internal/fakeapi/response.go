package fakeapi

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

const jsonType = "application/json; charset=utf-8"

// reply is a complete answer, not compressed.
type reply struct {
	status   int
	header   http.Header
	body     []byte
	verbatim bool // never to be compressed
}

func jsonReply(status int, body []byte) reply {
	return reply{status: status, header: http.Header{"Content-Type": {jsonType}}, body: body}
}

func textReply(status int, body string) reply {
	header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	return reply{status: status, header: header, body: []byte(body)}
}

// with adds a header and returns the reply.
func (p reply) with(key, value string) reply {
	p.header.Set(key, value)
	return p
}

// write sends the reply with its exact length. Without a Content-Type it has
// none: net/http would guess one.
func (p reply) write(w http.ResponseWriter) {
	p.writeHead(w, len(p.body))
	_, _ = w.Write(p.body)
}

// writeHead sends status and headers, with length as the Content-Length where
// the status allows one; negative for none.
func (p reply) writeHead(w http.ResponseWriter, length int) {
	header := w.Header()
	header["Content-Type"] = nil
	maps.Copy(header, p.header)
	if length >= 0 && p.status != http.StatusNoContent && p.status != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(p.status)
}

// compressed is the reply in gzip form.
func (p reply) compressed() reply {
	header := p.header.Clone()
	header.Set("Content-Encoding", "gzip")
	return reply{status: p.status, header: header, body: gzipped(p.body)}
}

func gzipped(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of the package
	}
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

// acceptsGzip reads Accept-Encoding; "gzip;q=0" is a refusal.
func acceptsGzip(header http.Header) bool {
	for _, item := range strings.Split(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		coding, parameters, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		weight, given := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !given || err == nil && q > 0
	}
	return false
}
