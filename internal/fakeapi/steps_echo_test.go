package fakeapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestEcho: a response repeats the headers, the query and the form of its request.
func TestEcho(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Alerts: -1})
	s.Script(fakeapi.Token, fakeapi.Echo(http.StatusTeapot))
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Bearer in.header"}}
	got := do(t, client(t, s), http.MethodPost, s.AuthorityHost()+"/t/oauth2/token?a=in.query", header, "b=in.form")
	wantStatus(t, "echo", got, http.StatusTeapot)
	var body map[string]any
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatal(err)
	}
	for _, sent := range []string{"in.header", "in.query", "in.form"} {
		if text, _ := body["error_description"].(string); !strings.Contains(text, sent) {
			t.Errorf("error_description = %q, want %q in it", text, sent)
		}
		if text := got.Header.Get("Www-Authenticate"); !strings.Contains(text, sent) {
			t.Errorf("Www-Authenticate = %q, want %q in it", text, sent)
		}
	}
}
