package fakeapi

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync/atomic"
)

// derive returns 32 pseudo-random bytes that depend only on the arguments.
func derive(seed uint64, label string, n uint64) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "fakeapi/%s/%d/%d", label, seed, n))
}

// hexID returns 1 to 64 lower-case hexadecimal digits.
func hexID(digits int, seed uint64, label string, n uint64) string {
	sum := derive(seed, label, n)
	return hex.EncodeToString(sum[:])[:digits]
}

// guid returns a version 4 GUID.
func guid(seed uint64, label string, n uint64) string {
	b := derive(seed, label, n)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// sequence numbers the identifiers of one server.
type sequence struct {
	seed uint64
	n    atomic.Uint64
}

func (q *sequence) guid(label string) string { return guid(q.seed, label, q.n.Add(1)) }
