package login

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// A callback is what Entra ID sent by the browser.
type callback struct {
	code        string
	problem     string // the OAuth error code in place of a code, unchecked
	description string // of the problem, unchecked
}

// A receiver serves the redirect URI. It accepts one callback, that with the state.
type receiver struct {
	state    string
	received chan callback // has room for the one
	outcome  chan page     // for the person who waits for it; has room for one

	taken    atomic.Bool
	rejected atomic.Int64 // callbacks without the state
}

func newReceiver(state string) *receiver {
	return &receiver{state: state, received: make(chan callback, 1), outcome: make(chan page, 1)}
}

// ServeHTTP hands the callback over and waits for the page about its outcome.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	query := req.URL.Query()
	got := callback{query.Get("code"), query.Get("error"), query.Get("error_description")}
	known := len(query["state"]) == 1 && subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(r.state)) == 1
	switch {
	case req.URL.Path != "/" || req.Method != http.MethodGet:
		notFound.write(w) // such as a favicon
	case !known || (got.code == "") == (got.problem == ""):
		r.rejected.Add(1)
		elsewhere.write(w)
	case !r.taken.CompareAndSwap(false, true):
		repeated.write(w)
	default:
		r.received <- got
		select {
		case p := <-r.outcome:
			p.write(w)
		case <-req.Context().Done():
		}
	}
}

// wait returns the callback with the state.
func (r *receiver) wait(ctx context.Context, timeout time.Duration) (callback, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case got := <-r.received:
		return got, nil
	case <-ctx.Done():
		return callback{}, Cancelled
	case <-timer.C:
	}
	text := fmt.Sprintf("Nobody finished the sign-in within %s. If the browser shows AADSTS50011, add http://localhost to the application's "+
		"redirect URIs, under Mobile and desktop applications.", timeout)
	if n := r.rejected.Load(); n > 0 {
		text += fmt.Sprintf(" Callbacks that belong to another sign-in, or to none: %d.", n)
	}
	return callback{}, Problem(text)
}
