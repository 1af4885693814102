package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// at returns alerts with these ages at noon, named da0_1, da1_1 and so on.
func at(ages ...time.Duration) []fakeapi.GraphAlert {
	alerts := make([]fakeapi.GraphAlert, len(ages))
	for i, age := range ages {
		updated := noon.Add(-age).Format(timeLayout)
		alerts[i] = fakeapi.GraphAlert(fmt.Sprintf(`{"id":"da%d_1","severity":"high","status":"new","serviceSource":"microsoftDefenderForEndpoint",`+
			`"createdDateTime":%[2]q,"lastUpdateDateTime":%[2]q,"evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence",`+
			`"mdeDeviceId":"d%[1]d","rbacGroupName":"Group %[1]d","tags":["Tag %[1]d","PCI"]}]}`, i, updated))
	}
	return alerts
}

// everyMinute returns n alerts, one a minute.
func everyMinute(n int) []fakeapi.GraphAlert {
	ages := make([]time.Duration, n)
	for i := range ages {
		ages[i] = time.Duration(i+1) * time.Minute
	}
	return at(ages...)
}

// serve starts a fake with these alerts, at noon.
func serve(t testing.TB, o fakeapi.Options, alerts []fakeapi.GraphAlert) *fakeapi.Server {
	t.Helper()
	o.Alerts = -1
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	server, err := fakeapi.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	body, err := json.Marshal(rawAlerts(alerts))
	if err != nil {
		t.Fatal(err)
	}
	if err := server.SetGraphAlerts(body); err != nil {
		t.Fatal(err)
	}
	return server
}

// read reads with a client whose clock is the fake's.
func read(t testing.TB, server *fakeapi.Server, q alert.Query) ([]string, alert.Report, error) {
	t.Helper()
	c := newTestClient(t, server, 2)
	c.now = func() time.Time { return noon }
	c.after = func(time.Duration) <-chan time.Time { return time.After(0) }
	sink := new(listSink)
	report, err := c.Read(t.Context(), q, sink)
	ids := make([]string, 0, len(sink.versions))
	for id := range sink.versions {
		ids = append(ids, strings.TrimSuffix(strings.TrimPrefix(id, "da"), "_1"))
	}
	slices.Sort(ids)
	return ids, report, err
}

func wantIDs(t *testing.T, what string, got []string, want string) {
	t.Helper()
	if text := strings.Join(got, " "); text != want {
		t.Errorf("%s: alerts = %q, want %q", what, text, want)
	}
}

// wantKind fails the test unless the error is one of the package, of this kind.
func wantKind(t *testing.T, what string, err error, want Kind) {
	t.Helper()
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != want {
		t.Errorf("%s: error = %v, want %s", what, err, want)
	}
}

// TestRequest: one request reads a window that fits one response. It is sent as
// Microsoft documents it.
func TestRequest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		query  alert.Query
		window string
	}{
		"default": {alert.Query{}, "ge 2026-11-03T09:59:55Z"},
		"ago":     {alert.Query{Ago: alert.Period{Text: "PT1H", Duration: time.Hour}}, "ge 2026-11-03T10:59:55Z"},
		"since":   {alert.Query{Since: noon.Add(-time.Hour + 5*tick)}, "ge 2026-11-03T11:00:00Z"},
		"until": {alert.Query{Since: noon.Add(-time.Hour), Until: noon.Add(-time.Minute)},
			"ge 2026-11-03T11:00:00Z and lastUpdateDateTime le 2026-11-03T11:59:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, fakeapi.Options{}, everyMinute(3))
			ids, _, err := read(t, server, test.query)
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, name, ids, "0 1 2")
			sent := server.GraphRequests()
			if len(sent) != 1 {
				t.Fatalf("requests = %d, want 1", len(sent))
			}
			want := url.Values{
				"$filter": {"serviceSource eq 'microsoftDefenderForEndpoint' and lastUpdateDateTime " + test.window},
				"$top":    {"1000"}, "$count": {"true"},
			}
			if got, err := url.ParseQuery(sent[0].RawQuery); err != nil || got.Encode() != want.Encode() {
				t.Errorf("query = %v, want %v", got, want)
			}
			if got := sent[0].Header.Get("Prefer"); got != "include-unknown-enum-members" {
				t.Errorf("Prefer = %q, want include-unknown-enum-members", got)
			}
			if got := sent[0].Path; got != "/graph/v1.0/security/alerts_v2" {
				t.Errorf("path = %q, want /graph/v1.0/security/alerts_v2", got)
			}
		})
	}
}

// TestEndpoint: the base address may end with the version.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"https://graph.example", "https://graph.example/v1.0"} {
		const want = "https://graph.example/v1.0/security/alerts_v2"
		got := New(Options{Endpoint: address(t, text)}).url
		if got.String() != want {
			t.Errorf("address of %s = %s, want %s", text, got, want)
		}
		if followed, err := transport.Follow(got, want+"?$skip=1"); err != nil || followed.String() != want+"?$skip=1" {
			t.Errorf("link to the next page of %s = %v, %v, want it accepted", text, followed, err)
		}
	}
}

// TestClockWrong: a window that ends now begins by the clock of the service or of this
// computer, whichever is behind.
func TestClockWrong(t *testing.T) {
	t.Parallel()
	for skew, want := range map[time.Duration]string{
		0: "da0_1", 4 * time.Second: "da0_1", time.Hour: "da0_1", 48 * time.Hour: "da0_1", -29 * time.Minute: "da0_1", -time.Hour: "da0_1 da1_1",
	} {
		server := serve(t, fakeapi.Options{}, at(119*time.Minute+59*time.Second, 150*time.Minute))
		c := newTestClient(t, server, 1)
		c.now = func() time.Time { return noon.Add(skew) }
		sink := new(listSink)
		if _, err := c.Read(t.Context(), alert.Query{}, sink); err != nil {
			t.Errorf("clock ahead by %v: %v", skew, err)
		}
		wantIDs(t, fmt.Sprintf("clock ahead by %v", skew), slices.Sorted(maps.Keys(sink.versions)), want)
	}
}

// TestFilters: Graph does not filter by device, so the client does, by all devices of an
// alert. A filter that keeps none is reported.
func TestFilters(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		query  alert.Query
		want   string
		report []alert.Criterion
	}{
		"none":             {alert.Query{}, "0 1 2", nil},
		"group":            {alert.Query{MachineGroups: []string{"GROUP 1", "x"}}, "1", nil},
		"tag":              {alert.Query{DeviceTags: []string{"tag 2"}}, "2", nil},
		"the same list":    {alert.Query{CloudTags: []string{"Tag 2", "Tag 0"}}, "0 2", nil},
		"all":              {alert.Query{MachineGroups: []string{"Group 2"}, DeviceTags: []string{"PCI"}}, "2", nil},
		"none together":    {alert.Query{MachineGroups: []string{"Group 2"}, DeviceTags: []string{"Tag 0"}}, "", nil},
		"a misspelt group": {alert.Query{MachineGroups: []string{"Group 2 "}}, "", []alert.Criterion{alert.ByMachineGroups}},
		"misspelt tags": {alert.Query{DeviceTags: []string{"x"}, CloudTags: []string{"y"}}, "",
			[]alert.Criterion{alert.ByDeviceTags, alert.ByCloudTags}},
		"limit":            {alert.Query{Limit: 2}, "0 1", nil},
		"limit of none":    {alert.Query{Limit: 2, MachineGroups: []string{"x"}}, "", []alert.Criterion{alert.ByMachineGroups}},
		"limit after tags": {alert.Query{Limit: 1, DeviceTags: []string{"Tag 2", "Tag 1"}}, "1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids, report, err := read(t, serve(t, fakeapi.Options{}, everyMinute(3)), test.query)
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, name, ids, test.want)
			if !slices.Equal(report.EmptyFilters, test.report) {
				t.Errorf("EmptyFilters = %v, want %v", report.EmptyFilters, test.report)
			}
		})
	}
}

// TestHeld: only the alerts of a limit are held, within their memory.
func TestHeld(t *testing.T) {
	t.Parallel()
	server := serve(t, fakeapi.Options{}, everyMinute(3))
	for limit, want := range map[int]error{0: nil, 2: alert.ErrTooLarge} {
		c := newTestClient(t, server, 1)
		c.now = func() time.Time { return noon }
		c.options.MaxHeld = 1
		if _, err := c.Read(t.Context(), alert.Query{Limit: limit}, new(listSink)); !errors.Is(err, want) {
			t.Errorf("limit %d: error = %v, want %v", limit, err, want)
		}
	}
}

// TestWait: the next edge, a margin before now, has to be after the newest alert.
func TestWait(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]time.Duration{
		-time.Hour: time.Second, 0: time.Second, 30 * time.Second: 31 * time.Second, margin - time.Second: margin, time.Hour: margin,
	} {
		var waited time.Duration
		r := &reading{client: &Client{after: func(d time.Duration) <-chan time.Time { waited = d; return time.After(0) }}}
		p := &page{found: []found{{updated: noon.Add(-2 * time.Hour)}, {updated: noon.Add(age)}}}
		if err := r.wait(t.Context(), p, noon); err != nil || waited != want {
			t.Errorf("newest alert %v after the edge: wait = %v, error = %v, want %v", age, waited, err, want)
		}
	}
}

// TestProducts: several products are one filter. An alert of another one means that the
// filter was ignored.
func TestProducts(t *testing.T) {
	t.Parallel()
	alerts := everyMinute(3)
	alerts[1] = alerts[1].Set("serviceSource", "microsoftDefenderForIdentity")
	alerts[2] = alerts[2].Set("serviceSource", "microsoftDefenderForOffice365")
	ids, _, err := read(t, serve(t, fakeapi.Options{}, alerts),
		alert.Query{ServiceSources: []string{"microsoftDefenderForEndpoint", "microsoftDefenderForIdentity"}})
	if err != nil {
		t.Error(err)
	}
	wantIDs(t, "two products", ids, "0 1")
	_, _, err = read(t, serve(t, fakeapi.Options{GraphIgnoreFilter: true}, alerts), alert.Query{})
	wantKind(t, "a filter that is ignored", err, FilterIgnored)
	_, _, err = read(t, serve(t, fakeapi.Options{GraphIgnoreFilter: true}, at(3*time.Hour)), alert.Query{})
	wantKind(t, "a window that is ignored", err, FilterIgnored)
}

// TestPacer: 60 requests pass at once, then one a second.
func TestPacer(t *testing.T) {
	t.Parallel()
	p := new(Pacers).Of("Tenant")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for i := range 61 {
		p.wait(ctx)
		if waited := ctx.Err() != nil; waited != (i == 60) {
			t.Errorf("request %d waits until the context ends = %t, want it of request 60 only", i, waited)
		}
	}
	pacers := new(Pacers)
	if pacers.Of("a") != pacers.Of("A") || pacers.Of("a") == pacers.Of("b") {
		t.Error("pacers of a tenant differ, or two tenants share one")
	}
}

// TestPacedTooLong: the error of a read that runs out of time before it may send a request
// says which service it was for.
func TestPacedTooLong(t *testing.T) {
	t.Parallel()
	server := serve(t, fakeapi.Options{}, everyMinute(3))
	c := newTestClient(t, server, 1)
	c.options.Pacer = &Pacer{rate.NewLimiter(rate.Every(time.Hour), 1)}
	c.options.Pacer.limiter.Allow()
	ctx, cancel := transport.WithTimeout(t.Context(), 50*time.Millisecond, "timeout")
	defer cancel()
	_, err := c.Read(ctx, alert.Query{}, new(listSink))
	want := transport.Error{
		Kind: transport.OutOfTime, Phase: transport.PhaseRead, Host: c.url.Host, Wait: 50 * time.Millisecond, Setting: "timeout",
	}
	if e, ok := errors.AsType[*transport.Error](err); !ok || *e != want {
		t.Errorf("Read() = %v, want %v", err, &want)
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("requests = %d, want 0", n)
	}
}
