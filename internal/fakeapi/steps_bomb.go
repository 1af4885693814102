package fakeapi

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"net/http"
)

// GzipBomb is an empty array of decodedBytes (at least 2), nearly all of them
// spaces, compressed to about a thousandth: a compromised service. The response is
// complete and its checksum correct.
func GzipBomb(decodedBytes int64) Step {
	return Step{run: func(e *exchange) {
		e.recordStatus(http.StatusOK)
		p := jsonResponse(http.StatusOK, nil).with("Content-Encoding", "gzip")
		p.writeHead(e.w, -1)
		writeBomb(func(part []byte) {
			if _, err := e.w.Write(part); err != nil {
				panic(http.ErrAbortHandler)
			}
		}, max(decodedBytes-2, 0))
	}}
}

// writeBomb compresses one block of spaces and repeats the result, which is fast: a
// deflate block without a history has the same meaning at every position.
func writeBomb(write func([]byte), spaces int64) {
	const block = 1 << 20
	var (
		header  = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}
		plain   = bytes.Repeat([]byte{' '}, block)
		packed  = deflated(plain, false)
		opening = []byte{'['}
		closing = append(plain[:spaces%block:spaces%block], ']')
		sum     = crc32.ChecksumIEEE(opening)
	)
	write(append(header, deflated(opening, false)...))
	for range spaces / block {
		write(packed)
		sum = crc32.Update(sum, crc32.IEEETable, plain)
	}
	trailer := binary.LittleEndian.AppendUint32(nil, crc32.Update(sum, crc32.IEEETable, closing))
	trailer = binary.LittleEndian.AppendUint32(trailer, uint32(spaces+2)) // the format has it modulo 2^32
	write(append(deflated(closing, true), trailer...))
}

// deflated compresses data without a history. Unless last is true, other parts can
// follow.
func deflated(data []byte, last bool) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		panic(err) // the level is a constant of the package
	}
	_, _ = w.Write(data)
	if last {
		_ = w.Close()
	} else {
		_ = w.Flush()
	}
	return out.Bytes()
}
