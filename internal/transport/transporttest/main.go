package transporttest

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// Main runs the tests of a package and exits. It fails the run when a goroutine
// is left behind, or when a library printed to the standard logger: net/http quotes
// the peer there.
func Main(m *testing.M) {
	var printed lockedBuffer
	log.SetOutput(&printed)
	code := m.Run()
	if text := printed.String(); text != "" {
		fmt.Fprintf(os.Stderr, "printed by a library:\n%s", text)
		code = max(code, 1)
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// A lockedBuffer is a buffer for concurrent use.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
