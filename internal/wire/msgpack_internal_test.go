package wire

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

// checkDecoded checks that another implementation decodes an encoded value.
func checkDecoded[T comparable](t *testing.T, encoded []byte, decode func(*msgpack.Decoder) (T, error), want T) {
	t.Helper()
	got, err := decode(msgpack.NewDecoder(bytes.NewReader(encoded)))
	if err != nil {
		t.Errorf("decode(%.20x): %v, want %.40s", encoded, err, fmt.Sprint(want))
		return
	}
	if got != want {
		t.Errorf("decode(%.20x) = %.40s, want %.40s", encoded, fmt.Sprint(got), fmt.Sprint(want))
	}
}

// TestMessagePack decodes with another implementation what this one encodes,
// around the lengths at which the format changes.
func TestMessagePack(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536, 1 << 20} {
		checkDecoded(t, appendArrayHeader(nil, n), (*msgpack.Decoder).DecodeArrayLen, n)
		checkDecoded(t, appendMapHeader(nil, n), (*msgpack.Decoder).DecodeMapLen, n)
		text := strings.Repeat("x", n)
		checkDecoded(t, appendText(nil, []byte(text)), (*msgpack.Decoder).DecodeString, text)
	}
	for _, n := range []int64{0, 1, 127, 128, 255, 256, -1, -32, -33, math.MaxInt64, math.MinInt64, 1<<53 + 1} {
		checkDecoded(t, appendInt(nil, n), (*msgpack.Decoder).DecodeInt64, n)
	}
	for _, b := range []bool{true, false} {
		checkDecoded(t, appendBool(nil, b), (*msgpack.Decoder).DecodeBool, b)
	}
	if err := msgpack.NewDecoder(bytes.NewReader(appendNil(nil))).DecodeNil(); err != nil {
		t.Errorf("decode(%x): %v, want nil", appendNil(nil), err)
	}
}

// Small numbers take one byte; lists of alerts hold many.
func TestSmallNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int{0: 1, 127: 1, 128: 9, -1: 9} {
		if got := len(appendInt(nil, n)); got != want {
			t.Errorf("appendInt(%d) takes %d bytes, want %d", n, got, want)
		}
	}
}
