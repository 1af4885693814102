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

// issuer is a source whose tokens, t1, t2, ..., have this lifetime; each takes a
// second to come.
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

// TestLasting asks for a token of ten more minutes at several ages of the one
// that is there.
func TestLasting(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for name, test := range map[string]struct {
		lifetime, age time.Duration
		want          string
		left          time.Duration // of what is handed out
	}{
		"none yet":                      {hour, -1, "t1", hour - time.Second},
		"fresh":                         {hour, 0, "t1", hour - time.Second},
		"half of it left":               {hour, 30 * time.Minute, "t1", 30*time.Minute - time.Second},
		"exactly ten minutes left":      {hour, 50*time.Minute - time.Second, "t1", 10 * time.Minute},
		"less than ten minutes left":    {hour, 50*time.Minute - time.Second + 1, "t2", hour - time.Second},
		"to be renewed":                 {hour, 56 * time.Minute, "t2", hour - time.Second},
		"ended":                         {hour, 2 * hour, "t2", hour - time.Second},
		"all are too short":             {8 * time.Minute, 0, "t2", 8*time.Minute - time.Second},
		"ten minutes, less the request": {10 * time.Minute, 0, "t2", 10*time.Minute - time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, issued := issuer(test.lifetime)
				if test.age >= 0 {
					if value, err := s.Token(t.Context()); err != nil || value != "t1" {
						t.Fatal(value, err)
					}
					time.Sleep(test.age)
				}
				value, expires, err := s.Lasting(t.Context(), 10*time.Minute)
				if left := time.Until(expires); err != nil || value != test.want || left != test.left {
					t.Errorf("%q for %v, %v; want %q for %v", value, left, err, test.want, test.left)
				}
				// What reads use from now on is the same token, without another request.
				if read, err := s.Token(t.Context()); err != nil || read != value || fmt.Sprint("t", *issued) != value {
					t.Errorf("a read has %q, %v after %d requests", read, err, *issued)
				}
			})
		})
	}
}

// TestLastingTogether opens many times at once, beside reads, while the token is
// about to end: one new token for all who need it.
func TestLastingTogether(t *testing.T) {
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
		// A read is content with the old token, or finds the new one.
		if counts["lasting t2<nil>"] != 50 || counts["read t1<nil>"]+counts["read t2<nil>"] != 50 || *issued != 2 {
			t.Errorf("%v after %d requests", counts, *issued)
		}
	})
}

// TestLastingFails hands out neither the old token nor its end.
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
		if value, expires, err := s.Lasting(t.Context(), 10*time.Minute); !errors.Is(err, refused) || value != "" || !expires.IsZero() {
			t.Errorf("%q, %v, %v", value, expires, err)
		}
		if value, err := s.Token(t.Context()); err != nil || value != "t1" {
			t.Errorf("reads lost the token that is still good: %q, %v", value, err)
		}

		s.acquire = func(ctx context.Context) (token, error) {
			<-ctx.Done()
			return token{}, ctx.Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err := s.Lasting(ctx, 10*time.Minute)
		late, ok := errors.AsType[*transport.Error](err)
		if !ok || late.Kind != transport.OutOfTime || late.Phase != transport.PhaseSignIn {
			t.Errorf("out of time: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if _, _, err := s.Lasting(ctx, 10*time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
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
			t.Errorf("%d tokens were issued, want 3", *issued)
		}

		// An acquisition that is on its way is not given up, and serves everybody.
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
			t.Errorf("%d tokens were issued, want 4", *issued)
		}

		// A service that issues the same token again is believed.
		s.acquire = func(context.Context) (token, error) { return newToken("t4", time.Now(), time.Hour), nil }
		s.Invalidate("t4")
		if got, err := s.Token(t.Context()); got != "t4" || err != nil {
			t.Errorf("Token() = %q, %v, want t4", got, err)
		}
	})
}
