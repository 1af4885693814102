package siem

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// minimum has the members without which a record is an error.
const minimum = `"AlertId":"da1_-2","Severity":"Low","LastProcessedTimeUtc":"2026-02-14T06:31:08.5Z"`

// seed returns a payload of testdata/seeds.
func seed(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "seeds", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// seeds returns all payloads of testdata/seeds by name.
func seeds(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "seeds", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("files in testdata/seeds = %d, want at least 20", len(files))
	}
	bodies := make(map[string][]byte, len(files))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		bodies[name] = seed(t, name)
	}
	return bodies
}

// byKey has the indexes of the alert's fields in the order of their keys.
var byKey = func() []int {
	order := make([]int, len(alert.Fields))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(alert.Fields[a].Key, alert.Fields[b].Key) })
	return order
}()

// appendAlert appends all values of an alert, in a form in which two alerts are
// equal only if all of their values are.
func appendAlert(b []byte, d *alert.Detection) []byte {
	b = strconv.AppendInt(append(b, "alert "...), int64(d.Index), 10)
	for _, i := range byKey {
		if d.IsNull(i) {
			continue
		}
		switch f := alert.Fields[i]; f.Kind {
		case alert.KindNumber:
			b = appendNumber(b, f.Key, d.Number(i))
		case alert.KindBool:
			b = appendBool(b, f.Key, d.Bool(i))
		case alert.KindText:
			b = appendText(b, f.Key, string(d.Text(i)))
		case alert.KindList:
			b = appendText(b, f.Key, string(d.Text(i)))
			for element := range d.List(i) {
				b = appendText(b, "element", string(element))
			}
		}
	}
	for _, extra := range d.Additional() {
		b = appendText(append(b, " +"...), string(extra.Key), string(extra.JSON))
	}
	return appendMeaning(b, d.Processed, int(d.Severity), d.Replaced)
}

func appendText(b []byte, key, value string) []byte {
	b = strconv.AppendInt(append(append(b, ' '), key...), int64(len(value)), 10)
	return append(append(b, ':'), value...)
}

func appendNumber(b []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(append(append(b, ' '), key...), '#'), n, 10)
}

func appendBool(b []byte, key string, value bool) []byte {
	return strconv.AppendBool(append(append(append(b, ' '), key...), '?'), value)
}

func appendMeaning(b []byte, processed time.Time, severity, replaced int) []byte {
	b = processed.AppendFormat(append(b, " at "...), time.RFC3339Nano)
	b = strconv.AppendInt(append(b, " severity "...), int64(severity), 10)
	return append(strconv.AppendInt(append(b, " replaced "...), int64(replaced), 10), '\n')
}

// A listSink is a sink that keeps all alerts as text.
type listSink struct {
	text          []byte // the alerts, by appendAlert
	count, resets int
}

func (l *listSink) Reset() {
	l.text, l.count = l.text[:0], 0
	l.resets++
}

func (l *listSink) Add(d *alert.Detection) error {
	l.text = appendAlert(l.text, d)
	l.count++
	return nil
}

// decodeAll decodes a body and returns the alerts that were added.
func decodeAll(body string) (*listSink, error) {
	var l listSink
	err := decode(strings.NewReader(body), "", l.Add)
	return &l, err
}

// decodeOne decodes a body of one record and calls check with its alert.
func decodeOne(t *testing.T, body string, check func(d *alert.Detection)) {
	t.Helper()
	n := 0
	if err := decode(strings.NewReader(body), "", func(d *alert.Detection) error { n++; check(d); return nil }); err != nil {
		t.Fatalf("decode(%.80s) fails with %v", body, err)
	}
	if n != 1 {
		t.Fatalf("decode(%.80s) added %d alerts, want 1", body, n)
	}
}

// wantText fails the test unless the text of the field with this key is want.
func wantText(t *testing.T, d *alert.Detection, key, want string) {
	t.Helper()
	if got := string(d.Text(fieldIndex(t, key))); got != want {
		t.Errorf("%s = %q, want %q", key, got, want)
	}
}

// fieldIndex returns the index of the field with this key.
func fieldIndex(t testing.TB, key string) int {
	t.Helper()
	for i, f := range alert.Fields {
		if f.Key == key {
			return i
		}
	}
	t.Fatalf("alert.Fields has no key %q", key)
	return 0
}

// A roundTripper responds to a request without a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// newClient returns a client of the endpoint.
func newClient(t testing.TB, endpoint string, o transport.Options, tokens transport.Tokens) *Client {
	t.Helper()
	address, err := transport.ParseAddress(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	o.UserAgent = "test"
	o.MaxAttempts = max(o.MaxAttempts, 1)
	o.AttemptTimeout = cmp.Or(o.AttemptTimeout, time.Minute)
	return New(address, transport.New(o), tokens, 256<<20)
}

// clientFor returns a client of a service that always sends these bytes, head
// included.
func clientFor(t testing.TB, wire []byte) *Client {
	t.Helper()
	return newClient(t, "http://localhost", optionsFor(wire, 0), nil)
}

// readAll reads without parameters.
func readAll(c *Client, sink alert.Sink) error {
	_, err := c.Read(context.Background(), alert.Query{}, sink)
	return err
}

// wantAlertRequests fails the test unless the fake received this many requests
// for alerts, and returns them.
func wantAlertRequests(t *testing.T, server *fakeapi.Server, want int) []fakeapi.Request {
	t.Helper()
	sent := server.AlertRequests()
	if len(sent) != want {
		t.Fatalf("requests for alerts = %d, want %d", len(sent), want)
	}
	return sent
}

// wantRenewals fails the test unless this many tokens were invalidated.
func wantRenewals(t *testing.T, tokens *stubTokens, want int) {
	t.Helper()
	if tokens.renewed != want {
		t.Errorf("tokens invalidated = %d, want %d", tokens.renewed, want)
	}
}

// wantProblem fails the test unless err is the [*records.Error] described. The
// offset depends on the decoder's buffer and is not compared.
func wantProblem(t *testing.T, err error, problem records.Problem, index int, key string) {
	t.Helper()
	e, ok := errors.AsType[*records.Error](err)
	if !ok {
		t.Fatalf("error = %v, want a *records.Error", err)
	}
	if e.Problem != problem {
		t.Errorf("Problem = %q, want %q", e.Problem, problem)
	}
	if e.Index != index {
		t.Errorf("Index = %d, want %d", e.Index, index)
	}
	if e.Field != key {
		t.Errorf("Field = %q, want %q", e.Field, key)
	}
	wantNoText(t, err)
}

// wantKind fails the test unless err is a [*transport.Error] of this kind.
func wantKind(t *testing.T, err error, kind transport.Kind, status int) *transport.Error {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("error = %v, want a *transport.Error", err)
	}
	if e.Kind != kind {
		t.Errorf("Kind = %q, want %q", e.Kind, kind)
	}
	if e.Status != status {
		t.Errorf("Status = %d, want %d", e.Status, status)
	}
	wantNoText(t, err)
	return e
}

// All that an error may contain: numbers, a key of the field table, a host.
var (
	recordsText   = regexp.MustCompile(`^records: [a-zA-Z ]+, record (-1|\d+), field "(\w*)", offset \d+$`)
	transportText = regexp.MustCompile(`^transport: [a-zA-Z0-9 -]+ in (request|sign-in), host (localhost|127\.0\.0\.1:\d+|[a-z.]+\.invalid), status \d+, attempts \d+$`)
)

// wantNoText fails the test if an error could hold text of the response.
func wantNoText(t *testing.T, err error) {
	t.Helper()
	if problem := textProblem(err); problem != "" {
		t.Error(problem)
	}
}

// textProblem returns how an error could hold text of the response, "" if it
// cannot.
func textProblem(err error) string {
	if e, ok := errors.AsType[*records.Error](err); ok {
		match := recordsText.FindStringSubmatch(err.Error())
		if match == nil || match[2] != e.Field || !isKey(e.Field) || !isIdentifier(e.RequestID) {
			return fmt.Sprintf("error = %v, want only numbers, a key, a host and a request ID in it", err)
		}
		return ""
	}
	e, ok := errors.AsType[*transport.Error](err)
	if !ok || errors.Unwrap(err) != nil {
		return fmt.Sprintf("error = %v of type %T, want a *records.Error or a *transport.Error that wraps nothing", err, err)
	}
	if !transportText.MatchString(err.Error()) || !isIdentifier(e.RequestID) {
		return fmt.Sprintf("error = %v, want only numbers, a key, a host and a request ID in it", err)
	}
	return ""
}

func isKey(text string) bool {
	return text == "" || slices.ContainsFunc(alert.Fields[:], func(f alert.Field) bool { return f.Key == text })
}

func isIdentifier(text string) bool {
	return text == "" || len(text) == 36 && strings.Trim(text, "0123456789abcdefABCDEF-") == ""
}

// wantSame fails the test unless two lists of alerts, by appendAlert, are equal.
func wantSame(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: alerts =\n%s\nwant\n%s", what, got, want)
	}
}

func parseURL(t testing.TB, text string) *url.URL {
	t.Helper()
	address, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// optionsFor returns the options of a client to which every response is these
// bytes, delivered that many at a time; 0: all at once.
func optionsFor(wire []byte, pieces int) transport.Options {
	return transport.Options{Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		return respond(r, wire, pieces)
	})}
}
