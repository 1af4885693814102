package fakeapi

// The steps of this file send complete transfers with Content-Encoding: gzip,
// whether the client asked for it or not. What is wrong is inside.

// Gzip is good: the whole body, compressed.
func Gzip() Step { return recoded(gzipped) }

// GzipTruncated stops in the middle of the compressed data, with a
// Content-Length to match: a cache that kept half.
func GzipTruncated() Step {
	return recoded(func(body []byte) []byte {
		packed := gzipped(body)
		return packed[:len(packed)/2]
	})
}

// GzipBadCRC has a checksum that does not fit the data: a byte that changed on
// the way or on a disk.
func GzipBadCRC() Step {
	return recoded(func(body []byte) []byte {
		const trailer = 8 // CRC and length, four bytes each
		packed := gzipped(body)
		packed[len(packed)-trailer] ^= 0xff
		return packed
	})
}

// GzipTwice is compressed two times and says so once: a proxy that compresses
// what is compressed.
func GzipTwice() Step {
	return recoded(func(body []byte) []byte { return gzipped(gzipped(body)) })
}

func recoded(recode func([]byte) []byte) Step {
	return Step{run: func(e *exchange) {
		p := e.reply()
		packed := p.compressed()
		packed.body = recode(p.body)
		e.send(packed)
	}}
}
