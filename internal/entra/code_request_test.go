package entra_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

const (
	code        = "0.c0de-of~a_person"
	redirectURI = "http://localhost:53682/callback"
)

// codeRequest returns a request, and the query of its address.
func codeRequest(t *testing.T, s *transporttest.Script, audience entra.Audience, clientSecret string) (*entra.CodeRequest, *url.URL) {
	t.Helper()
	r := entra.NewCodeRequest(options(s, entra.Credential{}, audience), tenant, clientSecret, redirectURI)
	address, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	return r, address
}

// TestCodeRequest has the address and the form of both versions.
func TestCodeRequest(t *testing.T) {
	t.Parallel()
	for folder, test := range map[string]struct {
		audience   entra.Audience
		key, value string
	}{
		"oauth2":      {entra.Resource(resource), "resource", resource},
		"oauth2/v2.0": {entra.Scope("https://graph.test", "SecurityAlert.Read.All"), "scope", "https://graph.test/SecurityAlert.Read.All offline_access"},
	} {
		for _, clientSecret := range []string{"", secret} {
			s := transporttest.NewScript(renews("t0ken", newRefresh))
			r, address := codeRequest(t, s, test.audience, clientSecret)
			query := address.Query()
			want := url.Values{
				"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {redirectURI}, test.key: {test.value},
				"state": {r.State()}, "code_challenge": {query.Get("code_challenge")}, "code_challenge_method": {"S256"},
			}
			if query.Encode() != want.Encode() {
				t.Errorf("query = %s, want %s", query.Encode(), want.Encode())
			}
			address.RawQuery = ""
			if got, want := address.String(), "https://login.test/base/"+tenant+"/"+folder+"/authorize"; got != want {
				t.Errorf("address = %s, want %s", got, want)
			}
			refresh, err := r.Redeem(t.Context(), code)
			if refresh != newRefresh || err != nil {
				t.Fatalf("Redeem() = %q, %v, want %q", refresh, err, newRefresh)
			}
			sent, err := url.ParseQuery(s.Requests()[0].Body)
			if err != nil {
				t.Fatal(err)
			}
			verifier := sent.Get("code_verifier")
			hash := sha256.Sum256([]byte(verifier))
			if got, want := query.Get("code_challenge"), base64.RawURLEncoding.EncodeToString(hash[:]); got != want {
				t.Errorf("code_challenge = %q, want %q of the verifier", got, want)
			}
			if len(verifier) < 43 || len(r.State()) < 43 || verifier == r.State() {
				t.Errorf("verifier = %q, state = %q, want two random texts", verifier, r.State())
			}
			form := url.Values{
				"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirectURI}, "client_id": {clientID},
				"code_verifier": {verifier}, test.key: {test.value},
			}
			if clientSecret != "" {
				form.Set("client_secret", clientSecret)
			}
			wantSent(t, s, "https://login.test/base/"+tenant+"/"+folder+"/token", form)
			other, _ := codeRequest(t, s, test.audience, clientSecret)
			if other.State() == r.State() || strings.Contains(other.URL(), query.Get("code_challenge")) {
				t.Error("two requests have the same state or verifier")
			}
			for _, hidden := range []string{r.State(), verifier, secret} {
				if text := fmt.Sprintf("%v %+v %#v %s", r, r, r, r); strings.Contains(text, hidden) {
					t.Errorf("request prints as %s, want no secret", text)
				}
			}
		}
	}
}

// TestRedeemOnce sends a code once, whatever happens.
func TestRedeemOnce(t *testing.T) {
	t.Parallel()
	s := transporttest.NewScript(renews("t0ken", newRefresh))
	r, _ := codeRequest(t, s, entra.Resource(resource), "")
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		got     []string
	)
	for range 5 {
		running.Go(func() {
			refresh, err := r.Redeem(t.Context(), code)
			if err != nil {
				wantBad(t, err, entra.AuthorizationCode, `^The authorization code was already redeemed\.$`, code)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			got = append(got, refresh)
		})
	}
	running.Wait()
	if len(got) != 1 || len(s.Requests()) != 1 {
		t.Errorf("refresh tokens = %q of %d requests, want one", got, len(s.Requests()))
	}
	for name, text := range map[string]string{"empty": "", "blank": code + " x", "CR LF": code + "\r\n", "not ASCII": code + "é"} {
		s := transporttest.NewScript(renews("t0ken", newRefresh))
		r, _ := codeRequest(t, s, entra.Resource(resource), "")
		_, err := r.Redeem(t.Context(), text)
		wantBad(t, err, entra.AuthorizationCode, `^The authorization code is empty, longer than 64 KiB, or has a character that a code cannot have\.$`, code)
		if got := len(s.Requests()); got != 0 {
			t.Errorf("%s: requests = %d, want 0", name, got)
		}
	}
}

// TestRefusal takes codes from a redirect, and nothing else.
func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code, description string
		want              entra.Error
	}{
		{"access_denied", "AADSTS65004: " + secret, entra.Error{Code: "access_denied", STS: 65004}},
		{"server_error", secret, entra.Error{Code: "server_error"}},
		{secret, "AADSTS123: " + secret, entra.Error{}},
		{"access_denied\n", "AADSTS123456789", entra.Error{}},
	} {
		s := transporttest.NewScript()
		r, _ := codeRequest(t, s, entra.Resource(resource), "")
		test.want.Kind, test.want.Credential = entra.Refused, entra.AuthorizationCode
		wantSignIn(t, r.Refusal(test.code, test.description), test.want, secret)
		if got := len(s.Requests()); got != 0 {
			t.Errorf("Refusal(%q): requests = %d, want 0", test.code, got)
		}
	}
}

func TestRedeemFaults(t *testing.T) {
	t.Parallel()
	const member = `{"token_type":"Bearer","expires_in":3599,"access_token":"t0ken"`
	type fault struct {
		step   transporttest.Step
		signIn entra.Error // or, without a Kind:
		kind   transport.Kind
		status int
	}
	noToken := entra.Error{Kind: entra.Unusable, Field: "refresh_token"}
	for name, fault := range map[string]fault{
		"expired":             {refuses(400, "invalid_grant", 70008), entra.Error{Kind: entra.Refused, Status: 400, Code: "invalid_grant", STS: 70008}, "", 0},
		"redeemed":            {refuses(400, "invalid_grant", 54005), entra.Error{Kind: entra.Refused, Status: 400, Code: "invalid_grant", STS: 54005}, "", 0},
		"wrong verifier":      {refuses(400, "invalid_grant", 501481), entra.Error{Kind: entra.Refused, Status: 400, Code: "invalid_grant", STS: 501481}, "", 0},
		"busy":                {refuses(503, "temporarily_unavailable", 90033), entra.Error{Kind: entra.Refused, Status: 503, Code: "temporarily_unavailable", STS: 90033}, "", 0},
		"busy with 200":       {refuses(200, "temporarily_unavailable", 90033), entra.Error{Kind: entra.Refused, Code: "temporarily_unavailable", STS: 90033}, "", 0},
		"no refresh token":    {transporttest.Respond(200, member+"}"), noToken, "", 0},
		"null refresh token":  {transporttest.Respond(200, member+`,"refresh_token":null}`), noToken, "", 0},
		"empty refresh token": {transporttest.Respond(200, member+`,"refresh_token":""}`), noToken, "", 0},
		"wrong refresh token": {transporttest.Respond(200, member+`,"refresh_token":"t0ken "}`), noToken, "", 0},
		"null":                {transporttest.Respond(200, "null"), entra.Error{Kind: entra.Unusable}, "", 0},
		"empty":               {transporttest.Respond(200, ""), entra.Error{Kind: entra.Unusable}, "", 0},
		"503":                 {transporttest.Respond(503, "t0ken"), entra.Error{}, transport.Status, 503},
		"throttled":           {transporttest.Respond(429, "t0ken", "Retry-After", "1"), entra.Error{}, transport.Status, 429},
		"redirect":            {transporttest.Respond(302, "", "Location", "https://evil.test/"), entra.Error{}, transport.Redirected, 302},
		"truncated":           {transporttest.Break(200, member, errors.New("t0ken")), entra.Error{}, transport.Broken, 200},
		"no response":         {transporttest.Fail(errors.New("t0ken")), entra.Error{}, transport.Broken, 0},
		"silent":              {transporttest.Hang, entra.Error{}, transport.Stalled, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := transporttest.NewScript(fault.step)
				r, _ := codeRequest(t, s, entra.Resource(resource), secret)
				refresh, err := r.Redeem(t.Context(), code)
				if refresh != "" {
					t.Errorf("Redeem() = %q and an error, want no token", refresh)
				}
				hidden := []string{code, secret, "t0ken", r.State()}
				if want := fault.signIn; want.Kind != "" {
					want.Credential = entra.AuthorizationCode
					wantSignIn(t, err, want, hidden...)
				} else {
					wantFailed(t, err, transport.PhaseSignIn, fault.kind, fault.status, hidden...)
				}
				if got := len(s.Requests()); got != 1 {
					t.Errorf("requests = %d, want 1", got)
				}
			})
		})
	}
}

// TestRedeemEnds ends with the caller, and with the timeout of the options.
func TestRedeemEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := transporttest.NewScript(transporttest.Hang)
		r, _ := codeRequest(t, s, entra.Resource(resource), "")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := r.Redeem(ctx, code)
		wantFailed(t, err, transport.PhaseSignIn, transport.OutOfTime, 0, code)
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		r, _ = codeRequest(t, s, entra.Resource(resource), "")
		if _, err := r.Redeem(ctx, code); !errors.Is(err, context.Canceled) {
			t.Errorf("Redeem() = %v, want %v", err, context.Canceled)
		}
		o := options(s, entra.Credential{}, entra.Resource(resource))
		o.Timeout = time.Second
		began := time.Now()
		_, err = entra.NewCodeRequest(o, tenant, "", redirectURI).Redeem(t.Context(), code)
		wantFailed(t, err, transport.PhaseSignIn, transport.OutOfTime, 0, code)
		if took := time.Since(began); took != time.Second {
			t.Errorf("Redeem() took %s, want 1s", took)
		}
	})
}
