package wire

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

// TestMessagePack has another implementation read what this one writes, around
// the lengths at which the forms change.
func TestMessagePack(t *testing.T) {
	t.Parallel()
	decoder := func(encoded []byte) *msgpack.Decoder { return msgpack.NewDecoder(bytes.NewReader(encoded)) }
	for _, n := range []int{0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536, 1 << 20} {
		if got, err := decoder(appendArrayHeader(nil, n)).DecodeArrayLen(); err != nil || got != n {
			t.Errorf("array of %d: %d, %v", n, got, err)
		}
		if got, err := decoder(appendMapHeader(nil, n)).DecodeMapLen(); err != nil || got != n {
			t.Errorf("map of %d: %d, %v", n, got, err)
		}
		text := strings.Repeat("x", n)
		if got, err := decoder(appendText(nil, []byte(text))).DecodeString(); err != nil || got != text {
			t.Errorf("text of %d: %d, %v", n, len(got), err)
		}
	}
	for _, n := range []int64{0, 1, 127, 128, 255, 256, -1, -32, -33, math.MaxInt64, math.MinInt64, 1<<53 + 1} {
		if got, err := decoder(appendInt(nil, n)).DecodeInt64(); err != nil || got != n {
			t.Errorf("%d: %d, %v", n, got, err)
		}
	}
	for _, b := range []bool{true, false} {
		if got, err := decoder(appendBool(nil, b)).DecodeBool(); err != nil || got != b {
			t.Errorf("%t: %t, %v", b, got, err)
		}
	}
	if err := decoder(appendNil(nil)).DecodeNil(); err != nil {
		t.Errorf("nil: %v", err)
	}
}
