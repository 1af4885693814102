package fake

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadExports(t *testing.T) {
	t.Parallel()
	got, err := readExports(strings.NewReader("export A='1=2'\nserving\nexport B='it'\\''s'\nexport C=''\n"))
	if want := []string{"A=1=2", "B=it's", "C="}; err != nil || !slices.Equal(got, want) {
		t.Errorf("readExports = %q, %v, want %q", got, err, want)
	}
	if _, err = readExports(iotest.ErrReader(errors.New("gone"))); err == nil {
		t.Error("readExports of a failing reader = nil error, want an error")
	}
}
