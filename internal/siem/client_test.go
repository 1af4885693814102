package siem

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// networkTo returns the provider's round tripper, made to trust the fake. Its
// connections end with the test.
func networkTo(t testing.TB, server *fakeapi.Server) *http.Transport {
	t.Helper()
	base := trusting(server)
	t.Cleanup(base.CloseIdleConnections)
	return base
}

// trusting is networkTo without a test.
func trusting(server *fakeapi.Server) *http.Transport {
	base := transport.NewRoundTripper(nil)
	if pem := server.CAPEM(); pem != nil {
		base.TLSClientConfig.RootCAs = x509.NewCertPool()
		base.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem)
	}
	return base
}

// fakeClient returns a client of a fake over the network.
func fakeClient(t testing.TB, server *fakeapi.Server, attempts int) *Client {
	t.Helper()
	o := transport.Options{MaxAttempts: attempts, AttemptTimeout: 30 * time.Second, Base: networkTo(t, server)}
	return newClient(t, server.SIEMEndpoint(), o, &stubTokens{server: server})
}

// stubTokens is a token source that signs in to a fake for the first token and
// after each one that was rejected.
type stubTokens struct {
	server *fakeapi.Server
	err    error

	mu      sync.Mutex
	current string
	renewed int
}

func (s *stubTokens) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == "" && s.err == nil {
		s.current, s.err = signIn(ctx, s.server)
	}
	return s.current, s.err
}

func (s *stubTokens) Invalidate(rejected string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewed++
	if s.current == rejected {
		s.current = ""
	}
}

func signIn(ctx context.Context, server *fakeapi.Server) (string, error) {
	form := url.Values{
		"grant_type": {"client_credentials"}, "resource": {fakeapi.DefaultResource},
		"client_id": {fakeapi.DefaultClientID}, "client_secret": {fakeapi.DefaultClientSecret},
	}
	address, err := url.Parse(server.AuthorityHost() + "/" + fakeapi.DefaultTenantID + "/oauth2/token")
	if err != nil {
		return "", err
	}
	base := trusting(server)
	defer base.CloseIdleConnections()
	client := transport.New(transport.Options{Base: base, MaxAttempts: 1, AttemptTimeout: time.Minute})
	var response struct {
		Token string `json:"access_token"`
	}
	err = client.Begin(address, nil, 1<<20).Do(ctx, transport.Request{
		Phase: transport.PhaseSignIn, Method: http.MethodPost, URL: address, Body: form.Encode(),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}, func(r *transport.Response) error { return json.NewDecoder(r.Body).Decode(&response) })
	return response.Token, err
}

// All alerts that the fake generates are read.
func TestReadAll(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{NoDefaultWindow: true})
	var got listSink
	if err := readAll(fakeClient(t, server, 1), &got); err != nil {
		t.Fatal(err)
	}
	if got.count != fakeapi.DefaultAlerts {
		t.Errorf("alerts = %d, want %d", got.count, fakeapi.DefaultAlerts)
	}
	if got.resets != 1 {
		t.Errorf("resets = %d, want 1", got.resets)
	}
	sent := wantAlertRequests(t, server, 1)[0]
	if line := sent.Method + " " + sent.Path + "?" + sent.RawQuery; line != "GET /siem/api/alerts?" {
		t.Errorf("request = %s, want GET /siem/api/alerts?", line)
	}
	if got := sent.Header.Get("Authorization"); !strings.HasPrefix(got, "Bearer ") {
		t.Errorf("Authorization = %q, want a Bearer token", got)
	}
	if got := sent.Header.Get("Accept"); got != "application/json" {
		t.Errorf("Accept = %q, want application/json", got)
	}
	if got := sent.Header.Get("Content-Type"); got != "" {
		t.Errorf("Content-Type = %q, want none", got)
	}
}

// A body read over the network has the alerts that the oracle reads from it.
func TestReadSeeds(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{})
	c := fakeClient(t, server, 1)
	for name, body := range seeds(t) {
		want, err := truthOf(body)
		if err != nil {
			t.Fatal(err)
		}
		for how, step := range map[string]fakeapi.Step{
			"plain": fakeapi.Normal(), "gzip": fakeapi.Gzip(), "until close": fakeapi.CloseDelimited(len(body)),
		} {
			server.Script(fakeapi.Alerts, fakeapi.WithBody(step, string(body)))
			var got listSink
			if err := readAll(c, &got); err != nil {
				t.Errorf("%s, %s: Read() = %v, want nil", name, how, err)
			}
			wantSame(t, name+", "+how, got.text, want)
		}
	}
}

// The examples of Microsoft's page and the other parameters: the query that is
// sent and the alerts that the fake selects by it.
func TestReadQueries(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.February, 14, 12, 0, 0, 0, time.UTC)
	at := func(id, ago, group, device, cloud string) string {
		age, err := time.ParseDuration(ago)
		if err != nil {
			t.Fatal(err)
		}
		return `{"AlertId":"` + id + `","Severity":"Low","LastProcessedTimeUtc":"` + noon.Add(-age).Format(timeLayout) +
			`","MachineGroup":"` + group + `","DeviceCreatedMachineTags":"` + device + `","CloudCreatedMachineTags":"` + cloud + `"}`
	}
	detections := "[" + strings.Join([]string{
		at("1", "5m", "UKMachines", "plant", "tier 1"), at("2", "30m", "FranceMachines", "plant", "tier 2"), at("3", "90m", "Desks", "", "tier 1; old"),
		at("4", "5h", "UKMachines", "office", ""), at("5", "72h", "Desks", "plant", "tier 1"), at("6", "480h", "", "", ""),
	}, ",") + "]"
	for name, test := range map[string]struct {
		query alert.Query
		sent  string
		ids   string
	}{
		"no parameters": {alert.Query{}, "", "1 2 3"},
		"limit and since": {
			alert.Query{Limit: 2, Since: noon.AddDate(0, 0, -30)},
			"limit=2&sinceTimeUtc=2026-01-15T12%3A00%3A00.0000000Z", "1 2",
		},
		"ago": {alert.Query{Ago: alert.Period{Text: "PT10M"}}, "ago=PT10M", "1"},
		"several groups": {
			alert.Query{MachineGroups: []string{"UKMachines", "FranceMachines"}},
			"machinegroups=UKMachines&machinegroups=FranceMachines", "1 2",
		},
		"tags": {
			alert.Query{DeviceTags: []string{"plant"}, CloudTags: []string{"tier 1", "tier 2"}},
			"CloudCreatedMachineTags=tier+1&CloudCreatedMachineTags=tier+2&DeviceCreatedMachineTags=plant", "1 2",
		},
		"window": {
			alert.Query{Since: noon.Add(-6 * time.Hour), Until: noon.Add(-time.Hour)},
			"sinceTimeUtc=2026-02-14T06%3A00%3A00.0000000Z&untilTimeUtc=2026-02-14T11%3A00%3A00.0000000Z", "3 4",
		},
		"weeks":                 {alert.Query{Ago: alert.Period{Text: "P1W"}}, "ago=P7D", "1 2 3 4 5"},
		"nothing in the window": {alert.Query{Ago: alert.Period{Text: "PT1S"}}, "ago=PT1S", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := transporttest.Start(t, fakeapi.Options{Now: func() time.Time { return noon }})
			if err := server.SetAlerts([]byte(detections)); err != nil {
				t.Fatal(err)
			}
			got := new(idList)
			if _, err := fakeClient(t, server, 1).Read(t.Context(), test.query, got); err != nil {
				t.Fatal(err)
			}
			slices.Sort(got.ids)
			if ids := strings.Join(got.ids, " "); ids != test.ids {
				t.Errorf("IDs read = %q, want %q", ids, test.ids)
			}
			if sent := wantAlertRequests(t, server, 1)[0]; sent.RawQuery != test.sent {
				t.Errorf("query sent = %q, want %q", sent.RawQuery, test.sent)
			}
		})
	}
}

// An idList is a sink that keeps the IDs of alerts.
type idList struct{ ids []string }

func (l *idList) Reset() { l.ids = nil }
func (l *idList) Add(d *alert.Detection) error {
	l.ids = append(l.ids, string(d.Text(alert.FieldAlertID)))
	return nil
}

// A truncated response is retried, and the alerts start over.
func TestReadRetries(t *testing.T) {
	t.Parallel()
	body := seed(t, "three-shapes")
	want, err := truthOf(body)
	if err != nil {
		t.Fatal(err)
	}
	for name, step := range map[string]fakeapi.Step{
		"cut in the middle":    fakeapi.CutAfter(len(body) / 2),
		"cut before the end":   fakeapi.CutAfter(-1),
		"cut before the start": fakeapi.CutAfter(0),
		"reset in the middle":  fakeapi.ResetAfter(len(body) / 2),
		"reset before headers": fakeapi.ResetBeforeHeaders(),
		"wrong length":         fakeapi.LieLength(1),
		"no last chunk":        fakeapi.ChunkedUnterminated(),
		"bad chunk":            fakeapi.BadChunk(),
		"503":                  fakeapi.Reply(http.StatusServiceUnavailable, http.Header{"Retry-After": {"0"}}, "canary"),
		"429 without a wait":   fakeapi.Reply(http.StatusTooManyRequests, http.Header{"Retry-After": {"0"}}, "[]"),
		"502":                  fakeapi.Reply(http.StatusBadGateway, nil, "[]"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := transporttest.Start(t, fakeapi.Options{})
			server.Script(fakeapi.Alerts, fakeapi.WithBody(step, string(body)), fakeapi.WithBody(fakeapi.Normal(), string(body)))
			var got listSink
			if err := readAll(fakeClient(t, server, 2), &got); err != nil {
				t.Fatal(err)
			}
			wantSame(t, name, got.text, want)
			if got.count != 3 {
				t.Errorf("alerts = %d after %d resets, want 3", got.count, got.resets)
			}
			if sent := wantAlertRequests(t, server, 2); sent[0].RawQuery != sent[1].RawQuery {
				t.Errorf("query of the second request = %q, want that of the first, %q", sent[1].RawQuery, sent[0].RawQuery)
			}
		})
	}
}

// Alerts of a truncated response are forgotten when it is retried.
func TestReadStartsOver(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{})
	three := string(seed(t, "three-shapes"))
	server.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.CutAfter(-1), three), fakeapi.WithBody(fakeapi.Normal(), "[{"+minimum+"}]"))
	selection := alert.NewSelection(alert.SelectionOptions{})
	if err := readAll(fakeClient(t, server, 2), selection); err != nil {
		t.Fatal(err)
	}
	sum := selection.Summary()
	if sum.Fetched != 1 {
		t.Errorf("Fetched = %d, want 1", sum.Fetched)
	}
	if sum.Detections != 1 {
		t.Errorf("Detections = %d, want 1", sum.Detections)
	}
	if sum.MaxSeverity != "Low" {
		t.Errorf("MaxSeverity = %q, want Low", sum.MaxSeverity)
	}
}

// A read whose sink is full ends with the sink's error, and is not retried.
func TestReadSinkError(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{})
	server.ServeBody(seed(t, "three-shapes"))
	selection := alert.NewSelection(alert.SelectionOptions{MaxBytes: 1000}) // an empty selection fits
	if err := readAll(fakeClient(t, server, 4), selection); !errors.Is(err, alert.ErrTooLarge) {
		t.Errorf("Read() = %v, want %v", err, alert.ErrTooLarge)
	}
	wantAlertRequests(t, server, 1)
	if got := selection.Summary().Fetched; got != 1 {
		t.Errorf("alerts added = %d, want 1", got)
	}
}

func TestReadAlwaysTruncated(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{})
	server.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(fakeapi.CutAfter(-1), string(seed(t, "three-shapes")))))
	err := readAll(fakeClient(t, server, 2), new(listSink))
	if e := wantKind(t, err, transport.Broken, http.StatusOK); e.Attempts != 2 {
		t.Errorf("Attempts = %d, want 2", e.Attempts)
	}
	wantAlertRequests(t, server, 2)
}

// Bad content of a complete response is an error that is not retried.
func TestReadBadContent(t *testing.T) {
	t.Parallel()
	body := string(seed(t, "shared-alert"))
	for name, step := range map[string]fakeapi.Step{
		"an empty body":          fakeapi.WithBody(fakeapi.Normal(), ""),
		"blanks":                 fakeapi.WithBody(fakeapi.Normal(), " \r\n"),
		"null":                   fakeapi.WithBody(fakeapi.Normal(), "null"),
		"an object":              fakeapi.WithBody(fakeapi.Normal(), `{"value":[]}`),
		"half an array":          fakeapi.WithBody(fakeapi.Normal(), body[:len(body)/2]),
		"empty until close":      fakeapi.WithBody(fakeapi.CloseDelimited(0), body),
		"half until close":       fakeapi.WithBody(fakeapi.CloseDelimited(len(body)/2), body),
		"nearly until close":     fakeapi.WithBody(fakeapi.CloseDelimited(-1), body),
		"a length that is short": fakeapi.WithBody(fakeapi.LieLength(-1), body),
		"half a gzip":            fakeapi.WithBody(fakeapi.GzipTruncated(), body),
		"a bad checksum":         fakeapi.WithBody(fakeapi.GzipBadCRC(), body),
		"gzip twice":             fakeapi.WithBody(fakeapi.GzipTwice(), body),
		"a redirect":             fakeapi.RedirectTo(http.StatusFound, "https://example.invalid/"),
		"a page":                 fakeapi.ContentType("text/html", "[]"),
		"no content":             fakeapi.Reply(http.StatusNoContent, nil, ""),
		"created":                fakeapi.Reply(http.StatusCreated, nil, "[]"),
		"a part":                 fakeapi.Reply(http.StatusOK, http.Header{"Content-Range": {"bytes 0-1/2"}}, "[]"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := transporttest.Start(t, fakeapi.Options{})
			server.Script(fakeapi.Alerts, fakeapi.Always(step))
			err := readAll(fakeClient(t, server, 3), new(listSink))
			if err == nil {
				t.Fatal("Read() = nil, want an error")
			}
			wantNoText(t, err)
			wantAlertRequests(t, server, 1)
		})
	}
}

// The error about a response has the ID that the service gave the request.
func TestReadRequestID(t *testing.T) {
	t.Parallel()
	const id = "0d5e6f70-1122-4c3d-9e8f-a0b1c2d3e4f5"
	for sent, want := range map[string]string{id: id, "::error::canary": "", "0d5e6f70": "", "": ""} {
		server := transporttest.Start(t, fakeapi.Options{})
		header := http.Header{"Content-Type": {"application/json"}, "Request-Id": {sent}}
		server.Script(fakeapi.Alerts, fakeapi.Reply(http.StatusOK, header, "[null]"))
		err := readAll(fakeClient(t, server, 1), new(listSink))
		wantProblem(t, err, records.NotObject, 0, "")
		if e, _ := errors.AsType[*records.Error](err); e.RequestID != want {
			t.Errorf("RequestID after the header Request-Id: %s = %q, want %q", sent, e.RequestID, want)
		}
	}
}

// A token that the service rejects is renewed once.
func TestReadRenewsToken(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{NoDefaultWindow: true})
	tokens := &stubTokens{server: server, current: "expired"}
	var got listSink
	c := newClient(t, server.SIEMEndpoint(), transport.Options{Base: networkTo(t, server)}, tokens)
	if err := readAll(c, &got); err != nil {
		t.Errorf("Read() = %v, want nil", err)
	}
	if got.count != fakeapi.DefaultAlerts {
		t.Errorf("alerts = %d, want %d", got.count, fakeapi.DefaultAlerts)
	}
	wantAlertRequests(t, server, 2)
	wantRenewals(t, tokens, 1)
}

// Without a token nothing is sent, and the error is that of the token source.
func TestReadWithoutToken(t *testing.T) {
	t.Parallel()
	noToken := errors.New("no token today")
	server := transporttest.Start(t, fakeapi.Options{})
	o := transport.Options{MaxAttempts: 4, Base: networkTo(t, server)}
	c := newClient(t, server.SIEMEndpoint(), o, &stubTokens{err: noToken})
	if err := readAll(c, new(listSink)); !errors.Is(err, noToken) {
		t.Errorf("Read() = %v, want %v", err, noToken)
	}
	if sent := len(server.Requests()); sent != 0 {
		t.Errorf("requests sent = %d, want 0", sent)
	}
}

func TestReadCancelled(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{})
	server.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.Stall(10), string(seed(t, "shared-alert"))))
	ctx, cancel := context.WithCancel(t.Context())
	c := fakeClient(t, server, 4)
	done := make(chan error, 1)
	go func() {
		_, err := c.Read(ctx, alert.Query{}, new(listSink))
		done <- err
	}()
	for len(server.AlertRequests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Read() = %v, want %v", err, context.Canceled)
	}
}

// One client serves concurrent reads.
func TestReadConcurrently(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{NoDefaultWindow: true})
	c := fakeClient(t, server, 1)
	var want listSink
	if err := readAll(c, &want); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var got listSink
			if err := readAll(c, &got); err != nil {
				t.Errorf("Read() = %v, want nil", err)
			}
			wantSame(t, "concurrent read", got.text, want.text)
		})
	}
	group.Wait()
}
