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
	for _, addr := range []string{
		":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:80", "127.0.0.1", "127.0.0.1:99999",
	} {
		if s, err := fakeapi.Start(fakeapi.Options{Addr: addr}); err == nil {
			s.Close()
			t.Errorf("Start(%q) = nil error, want an error", addr)
		}
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		s, err := fakeapi.Start(fakeapi.Options{Addr: addr})
		if err != nil {
			t.Errorf("Start(%q): error %v, want none", addr, err)
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
		"MDATP_GRAPH_ENDPOINT=" + s.GraphEndpoint(),
	}
	if got := s.Env(); !slices.Equal(got, want) {
		t.Errorf("Env() = %q, want %q", got, want)
	}
	if got := s.AuthorityHost(); !strings.HasPrefix(got, "http://127.0.0.1:") || !strings.HasSuffix(got, "/entra") {
		t.Errorf("AuthorityHost() = %s, want http://127.0.0.1:PORT/entra", got)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{TLS: true})
	got := alerts(t, s, "")
	wantStatus(t, "alerts", got, http.StatusOK)
	wantText(t, "protocol", got.Proto, "HTTP/1.1")
	byName := strings.Replace(s.SIEMEndpoint(), "127.0.0.1", "localhost", 1)
	if got := do(t, client(t, s), http.MethodGet, byName+"/api/alerts", nil, ""); got.err != nil {
		t.Errorf("request to localhost: error %v, want none", got.err)
	}
	stranger := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if got := do(t, stranger, http.MethodGet, s.SIEMEndpoint(), nil, ""); got.err == nil {
		t.Error("request of a client without the certificate = nil error, want an error")
	}
	if pem := start(t, fakeapi.Options{}).CAPEM(); pem != nil {
		t.Errorf("CAPEM() without TLS = %q, want nil", pem)
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
		t.Fatalf("recorded requests = %q, want %q", lines, want)
	}
	wantText(t, "form of the token request", all[0].Form.Encode(), goodForm().Encode())
	read := all[1]
	wantText(t, "RawQuery of the read", read.RawQuery, "machinegroups=B&machinegroups=A&limit=1")
	if got, want := read.Query["machinegroups"], []string{"B", "A"}; !slices.Equal(got, want) {
		t.Errorf("machinegroups of the read = %q, want %q", got, want)
	}
	if got := read.Header.Get("Authorization"); !strings.HasPrefix(got, "Bearer ey") {
		t.Errorf("Authorization of the read = %q, want a JSON Web Token", got)
	}
	if !strings.HasPrefix(read.Host, "127.0.0.1:") {
		t.Errorf("host of the read = %q, want 127.0.0.1:PORT", read.Host)
	}
	if len(read.Form) != 0 {
		t.Errorf("form of the read = %v, want none", read.Form)
	}
	if read.Time.Before(before) || time.Since(read.Time) > time.Minute {
		t.Errorf("time of the read = %s, want from %s to now", read.Time, before)
	}
	wantText(t, "malformed RawQuery", all[4].RawQuery, "x=%zz")
	if got := len(s.TokenRequests()); got != 2 {
		t.Errorf("token requests = %d, want 2", got)
	}
	reads := s.AlertRequests()
	if len(reads) != 2 {
		t.Fatalf("alert requests = %+v, want 2", reads)
	}
	if got := reads[1].Status; got != 0 {
		t.Errorf("recorded status of a truncated response = %d, want 0", got)
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
	if got, want := []int{next(), next(), next(), next()}, []int{503, 200, 429, 429}; !slices.Equal(got, want) {
		t.Errorf("statuses = %v, want %v", got, want)
	}
	s.ClearScript(fakeapi.Alerts)
	if got := next(); got != 200 {
		t.Errorf("status after ClearScript = %d, want 200", got)
	}
	s.Script(fakeapi.Token, fakeapi.Reply(500, http.Header{"X-A": {"1", "2"}}, "down"))
	got := postForm(t, s, fakeapi.DefaultTenantID, goodForm())
	wantStatus(t, "token request", got, http.StatusInternalServerError)
	wantText(t, "body", got.body, "down")
	if values := got.Header["X-A"]; len(values) != 2 {
		t.Errorf("X-A = %q, want two values", values)
	}
	if values, set := got.Header["Content-Type"]; set {
		t.Errorf("Content-Type = %q, want it unset", values)
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
			t.Errorf("TLS %t: Close took %s, want at most 2 s", secure, took)
		}
		for range hanging {
			if err := <-ended; err == nil {
				t.Errorf("TLS %t: reading an endless response = nil, want an error", secure)
			}
		}
		if got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint(), nil, ""); got.err == nil {
			t.Errorf("TLS %t: request after Close = nil error, want an error", secure)
		}
	}
}
