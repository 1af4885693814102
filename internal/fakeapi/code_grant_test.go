package fakeapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func TestCodeGrant(t *testing.T) {
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
			s := start(t, fakeapi.Options{})
			form := codeForm(v, newCode(t, s, v))
			g := wantGranted(t, "first use", postToken(t, s, fakeapi.DefaultTenantID, v, form))
			wantText(t, "expires_in", string(g.ExpiresIn), test.expiresIn)
			wantText(t, "scope", g.Scope, test.scope)
			if len(g.Refresh) < 1000 {
				t.Errorf("refresh token = %q, want at least 1000 characters", g.Refresh)
			}
			wantAccess(t, s, v, g.Access)
			wantRefused(t, "second use", postToken(t, s, fakeapi.DefaultTenantID, v, form), http.StatusBadRequest, "invalid_grant", 54005)
			wantGranted(t, "refresh", postToken(t, s, fakeapi.DefaultTenantID, v, refreshForm(v, g.Refresh)))
			requests := s.TokenRequests()
			if len(requests) != 3 {
				t.Fatalf("recorded token requests = %d, want 3", len(requests))
			}
			wantText(t, "recorded verifier", requests[0].Form.Get("code_verifier"), verifier)
			wantText(t, "recorded code", requests[0].Form.Get("code"), form.Get("code"))
		})
	}
}

func TestCodeGrantWithoutResource(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	for _, v := range []version{v1, v2} {
		form := changed(codeForm(v, newCode(t, s, v)), url.Values{v.parameter: nil})
		g := wantGranted(t, v.name, postToken(t, s, fakeapi.DefaultTenantID, v, form))
		wantAccess(t, s, v, g.Access)
	}
}

func TestCodeGrantRefreshTokenNeedsOfflineAccess(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	query := changed(v2.query(), url.Values{"scope": {delegatedScope}})
	_, result := redirected(t, authorizeAt(t, s, fakeapi.DefaultTenantID, v2, query))
	got := postToken(t, s, fakeapi.DefaultTenantID, v2, codeForm(v2, result.Get("code")))
	wantGranted(t, "token request", got)
	if strings.Contains(got.body, "refresh_token") {
		t.Errorf("body = %s, want no refresh_token", got.body)
	}
}

func TestCodeGrantErrors(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	other := "11d2a6b0-6f60-4f4e-9d0c-0a4e7f1a2b3c"
	s.AddTenant(other, 1)
	for name, test := range map[string]struct {
		tenant string
		change url.Values
		status int
		error  string
		code   int
	}{
		"unknown code":           {change: url.Values{"code": {"canary"}}, status: 400, error: "invalid_grant", code: 9002313},
		"no code":                {change: url.Values{"code": nil}, status: 400, error: "invalid_request", code: 900144},
		"two codes":              {change: url.Values{"code": {"canary", "canary"}}, status: 400, error: "invalid_request", code: 9000411},
		"another tenant":         {tenant: other, status: 400, error: "invalid_grant", code: 700005},
		"unknown tenant":         {tenant: "0d3ad5b8-0000-4000-8000-5f0d7e1c9b42", status: 400, error: "invalid_request", code: 90002},
		"unknown application":    {change: url.Values{"client_id": {"canary"}}, status: 400, error: "unauthorized_client", code: 700016},
		"no client_id":           {change: url.Values{"client_id": nil}, status: 400, error: "invalid_request", code: 900144},
		"another redirect_uri":   {change: url.Values{"redirect_uri": {redirectAddress + "/"}}, status: 401, error: "invalid_client", code: 500112},
		"no redirect_uri":        {change: url.Values{"redirect_uri": nil}, status: 400, error: "invalid_request", code: 900144},
		"another verifier":       {change: url.Values{"code_verifier": {"canary"}}, status: 400, error: "invalid_grant", code: 501481},
		"challenge, no verifier": {change: url.Values{"code_verifier": {challenge}}, status: 400, error: "invalid_grant", code: 501481},
		"no verifier":            {change: url.Values{"code_verifier": nil}, status: 400, error: "invalid_grant", code: 50148},
		"two verifiers":          {change: url.Values{"code_verifier": {verifier, verifier}}, status: 400, error: "invalid_request", code: 9000411},
		"another resource":       {change: url.Values{"resource": {"https://canary"}}, status: 400, error: "invalid_resource", code: 500011},
		"two resources":          {change: url.Values{"resource": {v1.value, v1.value}}, status: 400, error: "invalid_request", code: 9000411},
		"wrong secret":           {change: url.Values{"client_secret": {"canary"}}, status: 401, error: "invalid_client", code: 7000215},
		"no secret":              {change: url.Values{"client_secret": nil}, status: 401, error: "invalid_client", code: 7000218},
		"a bad assertion":        {change: url.Values{"client_secret": nil, "client_assertion": {"canary"}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}, status: 401, error: "invalid_client", code: 50027},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := test.tenant
			if tenant == "" {
				tenant = fakeapi.DefaultTenantID
			}
			issued := newCode(t, s, v1)
			got := postToken(t, s, tenant, v1, changed(codeForm(v1, issued), test.change))
			wantRefused(t, name, got, test.status, test.error, test.code)
			if strings.Contains(got.body, "canary") || strings.Contains(got.body, issued) || strings.Contains(got.body, verifier) {
				t.Errorf("body = %s, want no values of the request in it", got.body)
			}
			wantGranted(t, "the code after an error", postToken(t, s, fakeapi.DefaultTenantID, v1, codeForm(v1, issued)))
		})
	}
	wantRefused(t, "a code of v1 at v2", postToken(t, s, fakeapi.DefaultTenantID, v2, codeForm(v2, newCode(t, s, v1))),
		http.StatusBadRequest, "invalid_grant", 70000)
}

func TestCodeExpires(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	s := start(t, fakeapi.Options{Now: func() time.Time { return noon.Add(time.Duration(passed.Load())) }})
	first, second := newCode(t, s, v2), newCode(t, s, v2)
	passed.Store(int64(10*time.Minute - time.Second))
	wantGranted(t, "before ten minutes", postToken(t, s, fakeapi.DefaultTenantID, v2, codeForm(v2, first)))
	passed.Store(int64(10 * time.Minute))
	wantRefused(t, "after ten minutes", postToken(t, s, fakeapi.DefaultTenantID, v2, codeForm(v2, second)),
		http.StatusBadRequest, "invalid_grant", 70008)
}

func TestDelegatedGrantsWithAnAssertion(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	for _, v := range []version{v1, v2} {
		for name, form := range map[string]url.Values{
			"code":    codeForm(v, newCode(t, s, v)),
			"refresh": refreshForm(v, s.IssueRefreshToken()),
		} {
			form.Del("client_secret")
			form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
			form.Set("client_assertion", s.OIDCToken())
			wantGranted(t, v.name+" "+name, postToken(t, s, fakeapi.DefaultTenantID, v, form))
		}
	}
}

func TestPublicClient(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{PublicClient: true})
	for _, v := range []version{v1, v2} {
		for name, form := range map[string]url.Values{
			"code":    codeForm(v, newCode(t, s, v)),
			"refresh": refreshForm(v, s.IssueRefreshToken()),
		} {
			request := v.name + " " + name
			wantRefused(t, request+" with a secret", postToken(t, s, fakeapi.DefaultTenantID, v, form),
				http.StatusUnauthorized, "invalid_client", 700025)
			form.Del("client_secret")
			form.Set("client_assertion", s.OIDCToken())
			wantRefused(t, request+" with an assertion", postToken(t, s, fakeapi.DefaultTenantID, v, form),
				http.StatusUnauthorized, "invalid_client", 700025)
			form.Del("client_assertion")
			g := wantGranted(t, request, postToken(t, s, fakeapi.DefaultTenantID, v, form))
			wantAccess(t, s, v, g.Access)
		}
	}
	wantStatus(t, "client credentials", postForm(t, s, fakeapi.DefaultTenantID, goodForm()), http.StatusOK)
}
