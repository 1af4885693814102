package fakeapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func TestStartRefusesOtherAddresses(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:80", "127.0.0.1", "127.0.0.1:99999"} {
		if s, err := fakeapi.Start(fakeapi.Options{Addr: addr}); err == nil {
			s.Close()
			t.Errorf("%q is accepted", addr)
		}
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		s, err := fakeapi.Start(fakeapi.Options{Addr: addr})
		if err != nil {
			t.Errorf("%q: %v", addr, err)
			continue
		}
		s.Close()
	}
}

func TestEnv(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{TenantID: "tenant.example", ClientID: "app", ClientSecret: "s"})
	want := []string{
		"MDATP_TENANT_ID=tenant.example", "MDATP_CLIENT_ID=app", "MDATP_CLIENT_SECRET=s", "MDATP_REGION=eu",
		"MDATP_AUTHORITY_HOST=" + s.AuthorityHost(), "MDATP_SIEM_ENDPOINT=" + s.SIEMEndpoint(),
	}
	if got := s.Env(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if !strings.HasPrefix(s.AuthorityHost(), "http://127.0.0.1:") || !strings.HasSuffix(s.AuthorityHost(), "/entra") {
		t.Errorf("authority host %s", s.AuthorityHost())
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{TLS: true})
	got := alerts(t, s, "")
	if got.err != nil || got.StatusCode != http.StatusOK || got.Proto != "HTTP/1.1" {
		t.Errorf("got %v, %v, want 200 over HTTP/1.1", got.Response, got.err)
	}
	byName := strings.Replace(s.SIEMEndpoint(), "127.0.0.1", "localhost", 1)
	if got := do(t, client(t, s), http.MethodGet, byName+"/api/alerts", nil, ""); got.err != nil {
		t.Error(got.err)
	}
	stranger := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if got := do(t, stranger, http.MethodGet, s.SIEMEndpoint(), nil, ""); got.err == nil {
		t.Error("a client that does not know the certificate trusts it")
	}
	if pem := start(t, fakeapi.Options{}).CAPEM(); pem != nil {
		t.Errorf("without TLS: CAPEM %q", pem)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	before := time.Now()
	_ = alerts(t, s, "machinegroups=B&machinegroups=A&limit=1")
	s.Script(fakeapi.Alerts, fakeapi.CutAfter(1))
	_ = alerts(t, s, "")
	_ = do(t, client(t, s), http.MethodDelete, s.SIEMEndpoint()+"/other?x=%zz", nil, "")

	all := s.Requests()
	var lines []string
	for _, r := range all {
		lines = append(lines, r.Method+" "+r.Path+" "+http.StatusText(r.Status))
	}
	token := "POST /entra/" + fakeapi.DefaultTenantID + "/oauth2/token OK"
	want := []string{token, "GET /siem/api/alerts OK", token, "GET /siem/api/alerts ", "DELETE /siem/other Not Found"}
	if !slices.Equal(lines, want) {
		t.Fatalf("got %q", lines)
	}
	if got := all[0].Form; got.Encode() != goodForm().Encode() {
		t.Errorf("form %v", got)
	}
	read := all[1]
	if read.RawQuery != "machinegroups=B&machinegroups=A&limit=1" || !slices.Equal(read.Query["machinegroups"], []string{"B", "A"}) ||
		!strings.HasPrefix(read.Header.Get("Authorization"), "Bearer ey") || !strings.HasPrefix(read.Host, "127.0.0.1:") ||
		len(read.Form) != 0 || read.Time.Before(before) || time.Since(read.Time) > time.Minute {
		t.Errorf("got %+v", read)
	}
	if all[4].RawQuery != "x=%zz" {
		t.Errorf("malformed query recorded as %q", all[4].RawQuery)
	}
	if tokens, reads := s.TokenRequests(), s.AlertRequests(); len(tokens) != 2 || len(reads) != 2 || reads[1].Status != 0 {
		t.Errorf("got %d token requests and %v", len(tokens), reads)
	}
}

func TestScriptOrder(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.Reply(503, nil, ""), fakeapi.Normal())
	s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(429, nil, "")), fakeapi.Reply(500, nil, "never"))
	header := signIn(t, s, fakeapi.DefaultTenantID) // the token endpoint has its own queue
	next := func() int {
		return do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", header, "").StatusCode
	}
	if got := []int{next(), next(), next(), next()}; !slices.Equal(got, []int{503, 200, 429, 429}) {
		t.Errorf("got %v", got)
	}
	s.ClearScript(fakeapi.Alerts)
	if got := next(); got != 200 {
		t.Errorf("after ClearScript: got %d", got)
	}
	s.Script(fakeapi.Token, fakeapi.Reply(500, http.Header{"X-A": {"1", "2"}}, "down"))
	got := postForm(t, s, fakeapi.DefaultTenantID, goodForm())
	_, typed := got.Header["Content-Type"]
	if got.StatusCode != http.StatusInternalServerError || got.body != "down" || len(got.Header["X-A"]) != 2 || typed {
		t.Errorf("got %d, %q, %v", got.StatusCode, got.body, got.Header)
	}
}

// TestClose closes a server with clients in every state of a request.
func TestClose(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		s := start(t, fakeapi.Options{TLS: secure})
		hanging := []fakeapi.Step{
			fakeapi.Stall(0), fakeapi.Dribble(time.Hour), fakeapi.Endless(), fakeapi.GzipBomb(1 << 50),
			fakeapi.Raw("HTTP/1.1 200 OK\r\n", fakeapi.Hang), fakeapi.HeaderFlood(), fakeapi.InformationalFlood(),
		}
		ended := make(chan error, len(hanging))
		for _, step := range hanging {
			s.Script(fakeapi.Alerts, fakeapi.WithBody(step, "[]"))
			c := client(t, s)
			c.Timeout = 0
			go func() { ended <- discard(c, s.SIEMEndpoint()+"/api/alerts") }()
		}
		for len(s.AlertRequests()) < len(hanging) {
			time.Sleep(time.Millisecond)
		}
		began := time.Now()
		s.Close()
		s.Close()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("TLS %v: Close took %s", secure, took)
		}
		for range hanging {
			if err := <-ended; err == nil {
				t.Errorf("TLS %v: an endless response ended without an error", secure)
			}
		}
		if got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint(), nil, ""); got.err == nil {
			t.Errorf("TLS %v: the closed server still responds", secure)
		}
	}
}
