package fakeapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func graphForm() url.Values {
	return url.Values{
		"grant_type":    {"client_credentials"},
		"scope":         {fakeapi.GraphResource + "/.default"},
		"client_id":     {fakeapi.DefaultClientID},
		"client_secret": {fakeapi.DefaultClientSecret},
	}
}

func postFormV2(t *testing.T, s *fakeapi.Server, form url.Values) received {
	t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	address := s.AuthorityHost() + "/" + fakeapi.DefaultTenantID + "/oauth2/v2.0/token"
	return do(t, client(t, s), http.MethodPost, address, header, form.Encode())
}

// signInGraph returns the headers of a request to Graph.
func signInGraph(t *testing.T, s *fakeapi.Server) http.Header {
	t.Helper()
	got := postFormV2(t, s, graphForm())
	var response struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &response); err != nil || response.AccessToken == "" {
		t.Fatalf("token response = %s, %v, want an access token", got.body, err)
	}
	return http.Header{
		"Authorization": {"Bearer " + response.AccessToken},
		"Prefer":        {"include-unknown-enum-members"},
	}
}

// graph signs in and reads the alerts with these query options, not encoded.
func graph(t *testing.T, s *fakeapi.Server, options ...string) received {
	t.Helper()
	encoded := make([]string, len(options))
	for i, option := range options {
		name, value, _ := strings.Cut(option, "=")
		encoded[i] = name + "=" + url.QueryEscape(value)
	}
	return graphAt(t, s, s.GraphEndpoint()+"/v1.0/security/alerts_v2?"+strings.Join(encoded, "&"))
}

// graphAt reads an address, such as that of a link, byte for byte.
func graphAt(t *testing.T, s *fakeapi.Server, address string) received {
	t.Helper()
	return do(t, client(t, s), http.MethodGet, address, signInGraph(t, s), "")
}

// graphPage is a decoded response.
type graphPage struct {
	Count *int              `json:"@odata.count"`
	Link  string            `json:"@odata.nextLink"`
	Value []json.RawMessage `json:"value"`
}

func page(t *testing.T, got received) graphPage {
	t.Helper()
	wantStatus(t, "request to Graph", got, http.StatusOK)
	var p graphPage
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || p.Value == nil {
		t.Fatalf("body = %s, %v, want an object with a value", got.body, err)
	}
	return p
}

// ids returns the id of each alert, in order; "-" for anything else.
func (p graphPage) ids() string {
	list := make([]string, len(p.Value))
	for i, text := range p.Value {
		if list[i] = fakeapi.GraphAlert(text).ID(); list[i] == "" {
			list[i] = "-"
		}
	}
	return strings.Join(list, " ")
}
