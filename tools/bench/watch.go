package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// processes are those of one program at one moment.
type processes struct {
	processes int
	memory    int64 // bytes, with shared pages divided among their processes
}

// watch looks at the processes of a program until ended is closed, and sends the largest
// number and the largest memory. Both are 0 on a system other than Linux.
func watch(program string, ended <-chan struct{}, result chan<- processes) {
	var most processes
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case <-ended:
			result <- most
			return
		case <-ticks.C:
			now := running(program)
			most.processes, most.memory = max(most.processes, now.processes), max(most.memory, now.memory)
		}
	}
}

// running reads /proc. A process can end meanwhile.
func running(program string) (p processes) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != program {
			continue
		}
		p.processes++
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "smaps_rollup"))
		for line := range strings.Lines(string(text)) {
			var kib int64
			if _, err := fmt.Sscanf(line, "Pss: %d kB", &kib); err == nil {
				p.memory += kib << 10
			}
		}
	}
	return p
}
