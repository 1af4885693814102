package fakeapi

import (
	"net/http"
	"time"
)

// Delay runs a step after a pause, as a slow service does. Requests wait
// concurrently, and the step sees the data at the end of the pause.
func Delay(d time.Duration, step Step) Step {
	inner := step.run
	step.run = func(e *exchange) {
		if !e.pause(d) {
			panic(http.ErrAbortHandler)
		}
		inner(e)
	}
	return step
}
