package entra

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// issuer returns a token source whose tokens, t1, t2, ..., have this lifetime; each
// takes a second to acquire.
func issuer(lifetime time.Duration) (s *TokenSource, issued *int) {
	issued = new(int)
	s = &TokenSource{host: "login.example", timeout: time.Minute, acquire: func(ctx context.Context) (token, error) {
		requested := time.Now()
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return token{}, ctx.Err()
		}
		*issued++
		return newToken(fmt.Sprint("t", *issued), requested, lifetime), nil
	}}
	return s, issued
}

// TestLasting gets a token that lasts ten minutes, at several ages of the current
// one.
func TestLasting(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for name, test := range map[string]struct {
		lifetime, age time.Duration
		want          string
		left          time.Duration // of the token returned
	}{
		"no token":                      {hour, -1, "t1", hour - time.Second},
		"fresh":                         {hour, 0, "t1", hour - time.Second},
		"half of it left":               {hour, 30 * time.Minute, "t1", 30*time.Minute - time.Second},
		"exactly ten minutes left":      {hour, 50*time.Minute - time.Second, "t1", 10 * time.Minute},
		"less than ten minutes left":    {hour, 50*time.Minute - time.Second + 1, "t2", hour - time.Second},
		"to be renewed":                 {hour, 56 * time.Minute, "t2", hour - time.Second},
		"expired":                       {hour, 2 * hour, "t2", hour - time.Second},
		"all are too short":             {8 * time.Minute, 0, "t2", 8*time.Minute - time.Second},
		"ten minutes, less the request": {10 * time.Minute, 0, "t2", 10*time.Minute - time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, issued := issuer(test.lifetime)
				if test.age >= 0 {
					if value, err := s.Token(t.Context()); err != nil || value != "t1" {
						t.Fatalf("Token() = %q, %v, want t1", value, err)
					}
					time.Sleep(test.age)
				}
				value, expires, err := s.Lasting(t.Context(), 10*time.Minute)
				if err != nil {
					t.Fatalf("Lasting() fails with %v, want %q", err, test.want)
				}
				if value != test.want {
					t.Errorf("Lasting() = %q, want %q", value, test.want)
				}
				if left := time.Until(expires); left != test.left {
					t.Errorf("Lasting() returned a token for %v, want %v", left, test.left)
				}
				// Reads use the same token from now on, without another request.
				if got, err := s.Token(t.Context()); err != nil || got != value {
					t.Errorf("Token() after Lasting() = %q, %v, want %q", got, err, value)
				}
				if newest := fmt.Sprint("t", *issued); newest != value {
					t.Errorf("newest token = %q, want %q", newest, value)
				}
			})
		})
	}
}

// TestLastingConcurrently calls Lasting and Token many times at once while the
// token is about to expire: one new token serves all.
func TestLastingConcurrently(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, issued := issuer(time.Hour)
		if _, err := s.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(51 * time.Minute)
		results := make(chan string)
		for range 50 {
			go func() {
				value, _, err := s.Lasting(t.Context(), 10*time.Minute)
				results <- fmt.Sprint("lasting ", value, err)
			}()
			go func() {
				value, err := s.Token(t.Context())
				results <- fmt.Sprint("read ", value, err)
			}()
		}
		counts := map[string]int{}
		for range 100 {
			counts[<-results]++
		}
		if got := counts["lasting t2<nil>"]; got != 50 {
			t.Errorf("results of Lasting() = %v, want 50 times t2", counts)
		}
		// Token may return the old token or the new one.
		if got := counts["read t1<nil>"] + counts["read t2<nil>"]; got != 50 {
			t.Errorf("results of Token() = %v, want 50 times t1 or t2", counts)
		}
		if *issued != 2 {
			t.Errorf("tokens issued = %d, want 2", *issued)
		}
	})
}

// TestLastingFails holds that Lasting does not return the old token or its expiry
// with an error.
func TestLastingFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := issuer(time.Hour)
		if _, err := s.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(52 * time.Minute)
		refused := errors.New("refused")
		s.acquire = func(context.Context) (token, error) { return token{}, refused }
		value, expires, err := s.Lasting(t.Context(), 10*time.Minute)
		if !errors.Is(err, refused) {
			t.Errorf("Lasting() fails with %v, want %v", err, refused)
		}
		if value != "" {
			t.Errorf("Lasting() = %q and an error, want no token", value)
		}
		if !expires.IsZero() {
			t.Errorf("Lasting() returned the expiry %v and an error, want none", expires)
		}
		if value, err := s.Token(t.Context()); err != nil || value != "t1" {
			t.Errorf("Token() = %q, %v, want t1, which is still valid", value, err)
		}

		s.acquire = func(ctx context.Context) (token, error) {
			<-ctx.Done()
			return token{}, ctx.Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err = s.Lasting(ctx, 10*time.Minute)
		late, ok := errors.AsType[*transport.Error](err)
		if !ok {
			t.Fatalf("Lasting() fails with %v, want a *transport.Error", err)
		}
		if late.Kind != transport.OutOfTime {
			t.Errorf("Kind = %q, want %q", late.Kind, transport.OutOfTime)
		}
		if late.Phase != transport.PhaseSignIn {
			t.Errorf("Phase = %q, want %q", late.Phase, transport.PhaseSignIn)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if _, _, err := s.Lasting(ctx, 10*time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("Lasting() after cancel fails with %v, want %v", err, context.Canceled)
		}
	})
}

// TestRenewalFails holds that a token is used until its expiry if it cannot be
// renewed, that renewals pause after a failure, and that a rejected token is not used.
func TestRenewalFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := issuer(time.Hour)
		if _, err := s.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		issue, refused, failures := s.acquire, errors.New("refused"), 0
		s.acquire = func(context.Context) (token, error) {
			time.Sleep(time.Second)
			failures++
			return token{}, refused
		}
		time.Sleep(55*time.Minute - time.Second) // 5 minutes left
		want := func(when, value string, n int) {
			t.Helper()
			if got, err := s.Token(t.Context()); got != value || (err == nil) != (value != "") {
				t.Errorf("%s: Token() = %q, %v, want %q", when, got, err, value)
			}
			if failures != n {
				t.Errorf("%s: failed renewals = %d, want %d", when, failures, n)
			}
		}
		want("first renewal", "t1", 1)
		want("at once", "t1", 1)
		time.Sleep(renewalPause - time.Nanosecond)
		want("within the pause", "t1", 1)
		time.Sleep(time.Nanosecond)
		want("after the pause", "t1", 2)
		if got, _, err := s.Lasting(t.Context(), 10*time.Minute); got != "" || !errors.Is(err, refused) {
			t.Errorf("Lasting() = %q, %v, want %v", got, err, refused)
		}
		if got, _, err := s.Lasting(t.Context(), time.Minute); got != "t1" || err != nil {
			t.Errorf("Lasting() = %q, %v, want t1", got, err)
		}
		s.Invalidate("t1")
		want("rejected", "", 4)

		s.acquire = issue
		want("service is back", "t2", 4)
		time.Sleep(time.Hour - 500*time.Millisecond) // the renewal takes longer than the rest
		fail := func(context.Context) (token, error) {
			time.Sleep(time.Second)
			return token{}, refused
		}
		s.acquire = fail
		want("expired during the renewal", "", 4)

		s.acquire = issue
		want("service is back again", "t3", 4)
		time.Sleep(time.Hour - 11*time.Second)
		s.acquire = fail
		want("9 seconds before the expiry", "t3", 4)
		time.Sleep(9 * time.Second)
		want("at the expiry, within the pause", "", 4)
	})
}

// TestCallersKeepTheirTime holds that a caller that joins an acquisition before its
// end is not out of time with it.
func TestCallersKeepTheirTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, n := time.Now(), 0
		s := &TokenSource{host: "login.example", timeout: time.Minute, acquire: func(ctx context.Context) (token, error) {
			if n++; n == 1 {
				<-ctx.Done()
				return token{}, transport.ContextError(ctx, transport.Error{Phase: transport.PhaseSignIn})
			}
			time.Sleep(time.Second)
			return newToken("t1", time.Now(), time.Hour), nil
		}}
		first := make(chan error)
		go func() {
			_, err := s.Token(t.Context())
			first <- err
		}()
		time.Sleep(59 * time.Second)
		results := make(chan string)
		for range 10 {
			go func() {
				value, err := s.Token(t.Context())
				results <- fmt.Sprint(value, err)
			}()
		}
		if late, ok := errors.AsType[*transport.Error](<-first); !ok || late.Kind != transport.OutOfTime {
			t.Errorf("Token() of the first caller fails with %v, want %s", late, transport.OutOfTime)
		}
		for range 10 {
			if got := <-results; got != "t1<nil>" {
				t.Errorf("Token() = %s, want t1<nil>", got)
			}
		}
		if took := time.Since(began); took != 61*time.Second || n != 2 {
			t.Errorf("acquisitions = %d in %s, want 2 in 1m1s", n, took)
		}

		// A caller with more time than an acquisition usually has.
		s.Invalidate("t1")
		n, began = 0, time.Now()
		ctx, cancel := transport.WithTimeout(t.Context(), time.Hour, "")
		defer cancel()
		_, err := s.Token(ctx)
		if late, ok := errors.AsType[*transport.Error](err); !ok || late.Kind != transport.OutOfTime || late.Wait != time.Hour {
			t.Errorf("Token() fails with %v, want %s after 1h", err, transport.OutOfTime)
		}
		if took := time.Since(began); took != time.Hour {
			t.Errorf("Token() took %s, want 1h", took)
		}
	})
}

// TestInvalidate forgets the current token, and no other.
func TestInvalidate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, issued := issuer(time.Hour)
		s.Invalidate("")
		for i, rejected := range []string{"", "t1", "t1", "t0", "t2", ""} {
			s.Invalidate(rejected)
			want := []string{"t1", "t2", "t2", "t2", "t3", "t3"}[i]
			if got, err := s.Token(t.Context()); got != want || err != nil {
				t.Errorf("Token() after Invalidate(%q) = %q, %v, want %q", rejected, got, err, want)
			}
		}
		if *issued != 3 {
			t.Errorf("tokens issued = %d, want 3", *issued)
		}

		// An acquisition that has started is not cancelled, and serves all callers.
		time.Sleep(time.Hour)
		results := make(chan string)
		for range 100 {
			go func() {
				s.Invalidate("t3")
				value, err := s.Token(t.Context())
				s.Invalidate("t3")
				results <- fmt.Sprint(value, err)
			}()
		}
		for range 100 {
			if got := <-results; got != "t4<nil>" {
				t.Errorf("Token() = %s, want t4<nil>", got)
			}
		}
		if *issued != 4 {
			t.Errorf("tokens issued = %d, want 4", *issued)
		}

		// A service may issue the same token again.
		s.acquire = func(context.Context) (token, error) { return newToken("t4", time.Now(), time.Hour), nil }
		s.Invalidate("t4")
		if got, err := s.Token(t.Context()); got != "t4" || err != nil {
			t.Errorf("Token() = %q, %v, want t4", got, err)
		}
	})
}
