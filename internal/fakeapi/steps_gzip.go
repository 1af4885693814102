package fakeapi

// The steps of this file send complete responses with Content-Encoding: gzip,
// whether or not the client accepts it. The faults are in the compressed data.

// Gzip is a valid response: the whole body, compressed.
func Gzip() Step { return recoded(gzipped) }

// GzipTruncated has half of the compressed data and a Content-Length to match: a
// cache with a partial entry.
func GzipTruncated() Step {
	return recoded(func(body []byte) []byte {
		packed := gzipped(body)
		return packed[:len(packed)/2]
	})
}

// GzipBadCRC has a wrong checksum: a byte changed in transit or on a disk.
func GzipBadCRC() Step {
	return recoded(func(body []byte) []byte {
		const trailer = 8 // CRC and length, four bytes each
		packed := gzipped(body)
		packed[len(packed)-trailer] ^= 0xff
		return packed
	})
}

// GzipTwice is compressed twice and declares gzip once: a proxy that compresses
// compressed data.
func GzipTwice() Step {
	return recoded(func(body []byte) []byte { return gzipped(gzipped(body)) })
}

func recoded(recode func([]byte) []byte) Step {
	return Step{run: func(e *exchange) {
		p := e.response()
		packed := p.compressed()
		packed.body = recode(p.body)
		e.send(packed)
	}}
}
