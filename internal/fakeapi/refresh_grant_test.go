package fakeapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// refresh uses a refresh token at v1.
func refresh(t *testing.T, s *fakeapi.Server, token string) received {
	t.Helper()
	return postToken(t, s, fakeapi.DefaultTenantID, v1, refreshForm(v1, token))
}

func TestRefreshGrant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version          version
		expiresIn, scope string
	}{
		{v1, `"3599"`, "user_impersonation"},
		{v2, "3599", delegatedScope},
	} {
		v := test.version
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{TenantID: strings.ToUpper(fakeapi.DefaultTenantID)})
			token := s.IssueRefreshToken()
			g := wantGranted(t, "refresh", postToken(t, s, fakeapi.DefaultTenantID, v, refreshForm(v, token)))
			wantText(t, "expires_in", string(g.ExpiresIn), test.expiresIn)
			wantText(t, "scope", g.Scope, test.scope)
			wantAccess(t, s, v, g.Access)
			form := changed(refreshForm(v, token), url.Values{v.parameter: nil})
			wantAccess(t, s, v, wantGranted(t, "without "+v.parameter, postToken(t, s, fakeapi.DefaultTenantID, v, form)).Access)
			wantText(t, "recorded refresh token", s.TokenRequests()[0].Form.Get("refresh_token"), token)
		})
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rotation fakeapi.Rotation
		rotates  bool
		again    int // code of the second use; 0: accepted
	}{
		"reusable": {fakeapi.RotateReusable, true, 0},
		"one use":  {fakeapi.RotateOneUse, true, 70008},
		"never":    {fakeapi.RotateNever, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{Rotation: test.rotation})
			first := s.IssueRefreshToken()
			g := wantGranted(t, "first use", refresh(t, s, first))
			if rotated := g.Refresh != "" && g.Refresh != first; rotated != test.rotates {
				t.Errorf("new refresh token = %t, want %t", rotated, test.rotates)
			}
			if !test.rotates && g.Refresh != "" {
				t.Errorf("refresh_token = %q, want none", g.Refresh)
			}
			if got := code(t, refresh(t, s, first)); got != test.again {
				t.Errorf("second use: AADSTS code = %d, want %d", got, test.again)
			}
			if test.rotates {
				wantGranted(t, "use of the new one", refresh(t, s, g.Refresh))
			}
		})
	}
}

func TestOneUseRefreshTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Rotation: fakeapi.RotateOneUse})
	token := s.IssueRefreshToken()
	var statuses [8]int
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() { statuses[i] = refresh(t, s, token).StatusCode })
	}
	all.Wait()
	accepted := 0
	for _, status := range statuses {
		if status == http.StatusOK {
			accepted++
		}
	}
	if accepted != 1 {
		t.Errorf("statuses = %v, want one 200", statuses)
	}
}

func TestRefreshTokensEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(*fakeapi.Server)
		code int
	}{
		"revoked": {(*fakeapi.Server).RevokeRefreshTokens, 50173},
		"expired": {(*fakeapi.Server).ExpireRefreshTokens, 700082},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			issued := s.IssueRefreshToken()
			g := wantGranted(t, "before", refresh(t, s, issued))
			test.end(s)
			for _, token := range []string{issued, g.Refresh} {
				wantRefused(t, "after", refresh(t, s, token), http.StatusBadRequest, "invalid_grant", test.code)
			}
			wantAccess(t, s, v1, g.Access)
			wantGranted(t, "a later token", refresh(t, s, s.IssueRefreshToken()))
		})
	}
}

func TestRefreshErrors(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Rotation: fakeapi.RotateOneUse})
	other := "11d2a6b0-6f60-4f4e-9d0c-0a4e7f1a2b3c"
	s.AddTenant(other, 1)
	for name, test := range map[string]struct {
		tenant string
		change url.Values
		status int
		error  string
		code   int
	}{
		"unknown token":       {change: url.Values{"refresh_token": {"canary"}}, status: 400, error: "invalid_grant", code: 9002313},
		"no token":            {change: url.Values{"refresh_token": nil}, status: 400, error: "invalid_request", code: 900144},
		"two tokens":          {change: url.Values{"refresh_token": {"canary", "canary"}}, status: 400, error: "invalid_request", code: 9000411},
		"another tenant":      {tenant: other, status: 400, error: "invalid_grant", code: 70000},
		"unknown tenant":      {tenant: "0d3ad5b8-0000-4000-8000-5f0d7e1c9b42", status: 400, error: "invalid_request", code: 90002},
		"unknown application": {change: url.Values{"client_id": {"canary"}}, status: 400, error: "unauthorized_client", code: 700016},
		"another scope":       {change: url.Values{"scope": {"https://canary/.default"}}, status: 400, error: "invalid_scope", code: 70011},
		"wrong secret":        {change: url.Values{"client_secret": {"canary"}}, status: 401, error: "invalid_client", code: 7000215},
		"no secret":           {change: url.Values{"client_secret": nil}, status: 401, error: "invalid_client", code: 7000218},
		"two secrets":         {change: url.Values{"client_secret": {"canary", "canary"}}, status: 400, error: "invalid_request", code: 9000411},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := test.tenant
			if tenant == "" {
				tenant = fakeapi.DefaultTenantID
			}
			issued := s.IssueRefreshToken()
			got := postToken(t, s, tenant, v2, changed(refreshForm(v2, issued), test.change))
			wantRefused(t, name, got, test.status, test.error, test.code)
			if strings.Contains(got.body, "canary") || strings.Contains(got.body, issued) {
				t.Errorf("body = %s, want no values of the request in it", got.body)
			}
			wantGranted(t, "the token after an error", postToken(t, s, fakeapi.DefaultTenantID, v2, refreshForm(v2, issued)))
		})
	}
}
