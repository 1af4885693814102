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
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"A=1=2", "B=it's", "C="}; !slices.Equal(got, want) {
		t.Errorf("readExports = %q, want %q", got, want)
	}
	if _, err = readExports(iotest.ErrReader(errors.New("gone"))); err == nil {
		t.Error("readExports of a failing reader = nil error, want an error")
	}
}
