package fakeapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func TestTokenResponseV2(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	got := postFormV2(t, s, graphForm())
	wantStatus(t, "token request", got, http.StatusOK)
	wantText(t, "Cache-Control", got.Header.Get("Cache-Control"), "no-store")
	before, access, _ := strings.Cut(got.body, `"access_token":"`)
	wantText(t, "body before the access token", before, `{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,`)
	if strings.Count(access, ".") != 2 {
		t.Errorf("access token = %q, want the three parts of a JSON Web Token", access)
	}
	s.Script(fakeapi.Token, fakeapi.Reply(http.StatusTeapot, nil, ""))
	s.Script(fakeapi.TokenV2, fakeapi.Reply(http.StatusServiceUnavailable, nil, ""))
	wantStatus(t, "scripted token request", postFormV2(t, s, graphForm()), http.StatusServiceUnavailable)
	if got := len(s.TokenRequests()); got != 2 {
		t.Errorf("recorded token requests = %d, want 2", got)
	}
}

func TestTokenErrorsV2(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	for name, test := range map[string]struct {
		change url.Values // nil value: the parameter is omitted
		status int
		text   string
	}{
		"no scope":            {url.Values{"scope": nil}, 400, "AADSTS900144: The request body must contain the following parameter: 'scope'."},
		"scope of a user":     {url.Values{"scope": {"https://graph.microsoft.com/SecurityAlert.Read.All"}}, 400, "AADSTS1002012: "},
		"scope of the SIEM":   {url.Values{"scope": {fakeapi.DefaultResource + "/.default"}}, 400, "AADSTS500011: "},
		"resource, not scope": {url.Values{"scope": nil, "resource": {fakeapi.GraphResource}}, 400, "AADSTS900144: "},
		"wrong secret":        {url.Values{"client_secret": {"x"}}, 401, "AADSTS7000215: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := graphForm()
			for key, value := range test.change {
				form[key] = value
			}
			got := postFormV2(t, s, form)
			wantStatus(t, name, got, test.status)
			if !strings.Contains(got.body, `"error_description":"`+test.text) {
				t.Errorf("body = %s, want an error_description that starts with %q", got.body, test.text)
			}
		})
	}
}
