package records

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// The length of a text is what it takes without its quotes and escapes.
func TestTextLength(t *testing.T) {
	t.Parallel()
	for quoted, over := range map[string]int{ // by how much the length is too large
		`""`: 0, `"a"`: 0, `"é€😀"`: 0, `"\n\"\\\/"`: 0, `"\\u0061"`: 0, `"\u0061\u00e9\u20ac"`: 0, `"a\u0000b"`: 0,
		`"\ud800"`: 0, `"\udc00x"`: 0, `"\uD83D\uDE00"`: 2, `"\\\\n"`: 0,
	} {
		text, _ := jsontext.AppendUnquote(nil, []byte(quoted))
		if got, want := textLength([]byte(quoted)), len(text)+over; got != want {
			t.Errorf("textLength(%s) = %d, want %d", quoted, got, want)
		}
	}
	for text, want := range map[string]bool{
		strings.Repeat("x", maxText): false, strings.Repeat("x", maxText+1): true,
		strings.Repeat(`\u0061`, maxText): false, strings.Repeat(`\u0061`, maxText+1): true,
	} {
		if got := IsLong(jsontext.Value(`"` + text + `"`)); got != want {
			t.Errorf("IsLong(text of %.10s, %d bytes) = %t, want %t", text, len(text), got, want)
		}
	}
	if number := jsontext.Value(strings.Repeat("1", 2*maxText)); IsLong(number) {
		t.Error("IsLong(long number) = true, want false")
	}
}
