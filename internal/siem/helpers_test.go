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
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// minimum is the least that a record has.
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
	if err != nil || len(files) < 20 {
		t.Fatalf("%d seeds, %v", len(files), err)
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

// appendAlert writes everything that an alert says, in a form in which two
// alerts are the same only if they say the same.
func appendAlert(b []byte, a *alert.Alert) []byte {
	b = strconv.AppendInt(append(b, "alert "...), int64(a.Index), 10)
	for _, i := range byKey {
		if a.IsNull(i) {
			continue
		}
		switch f := alert.Fields[i]; f.Kind {
		case alert.KindNumber:
			b = appendNumber(b, f.Key, a.Number(i))
		case alert.KindBool:
			b = appendBool(b, f.Key, a.Bool(i))
		case alert.KindText:
			b = appendText(b, f.Key, string(a.Text(i)))
		case alert.KindList:
			b = appendText(b, f.Key, string(a.Text(i)))
			for element := range a.List(i) {
				b = appendText(b, "element", string(element))
			}
		}
	}
	for _, extra := range a.Additional() {
		b = appendText(append(b, " +"...), string(extra.Key), string(extra.JSON))
	}
	return appendMeaning(b, a.Processed, int(a.Severity), a.Replaced)
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

// A list is a sink that remembers all it got.
type list struct {
	text          []byte // the alerts, by appendAlert
	count, resets int
}

func (l *list) Reset() {
	l.text, l.count = l.text[:0], 0
	l.resets++
}

func (l *list) Add(a *alert.Alert) error {
	l.text = appendAlert(l.text, a)
	l.count++
	return nil
}

// read decodes a body and returns what was handed over.
func read(body string) (*list, error) {
	var l list
	err := decode(strings.NewReader(body), "", l.Add)
	return &l, err
}

// only decodes a body of one record and calls check with it.
func only(t *testing.T, body string, check func(a *alert.Alert)) {
	t.Helper()
	n := 0
	if err := decode(strings.NewReader(body), "", func(a *alert.Alert) error { n++; check(a); return nil }); err != nil || n != 1 {
		t.Fatalf("%d records, %v", n, err)
	}
}

// field is the index of the field with this key.
func field(t testing.TB, key string) int {
	t.Helper()
	for i, f := range alert.Fields {
		if f.Key == key {
			return i
		}
	}
	t.Fatalf("no field %s", key)
	return 0
}

// A roundTripper answers a request without a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// source is a source of the given endpoint whose requests base answers.
func source(t testing.TB, endpoint string, o transport.Options, tokens transport.Tokens) *Client {
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

// answer is a source that gets these bytes from a service, head included.
func answer(t testing.TB, wire string) *Client {
	t.Helper()
	return source(t, "http://localhost", optionsFor([]byte(wire), 0), nil)
}

// pull reads a source for whatever it has.
func pull(s *Client, sink alert.Sink) error { return s.Read(context.Background(), alert.Query{}, sink) }

// wantProblem fails the test unless err is the [*records.Error] described. The
// offset depends on the decoder's buffer and is not compared.
func wantProblem(t *testing.T, err error, problem records.Problem, index int, field string) {
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
	if e.Field != field {
		t.Errorf("Field = %q, want %q", e.Field, field)
	}
	wantNoText(t, err)
}

// wantKind fails the test unless err is a [*transport.Error] of this kind.
func wantKind(t *testing.T, err error, kind transport.Kind, status int) *transport.Error {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("got %v, which is no *transport.Error", err)
	}
	if e.Kind != kind || e.Status != status {
		t.Errorf("got %s with status %d, want %s with %d", e.Kind, e.Status, kind, status)
	}
	wantNoText(t, err)
	return e
}

// The whole of what an error may say: numbers, a key of the field table, a host.
var (
	recordsText   = regexp.MustCompile(`^records: [a-zA-Z ]+, record (-1|\d+), field "(\w*)", offset \d+$`)
	transportText = regexp.MustCompile(`^transport: [a-zA-Z0-9 -]+ in (request|sign-in), host (localhost|127\.0\.0\.1:\d+|[a-z.]+\.invalid), status \d+, attempts \d+$`)
)

// wantNoText fails the test when an error could hold text of the reply.
func wantNoText(t *testing.T, err error) {
	t.Helper()
	if problem := textIn(err); problem != "" {
		t.Error(problem)
	}
}

func textIn(err error) string {
	if e, ok := errors.AsType[*records.Error](err); ok {
		match := recordsText.FindStringSubmatch(err.Error())
		if match == nil || match[2] != e.Field || !isKey(e.Field) || !isIdentifier(e.RequestID) {
			return fmt.Sprintf("the error says more than it may: %v", err)
		}
		return ""
	}
	e, ok := errors.AsType[*transport.Error](err)
	if !ok || errors.Unwrap(err) != nil {
		return fmt.Sprintf("an error of another package: %T, %v", err, err)
	}
	if !transportText.MatchString(err.Error()) || !isIdentifier(e.RequestID) {
		return fmt.Sprintf("the error says more than it may: %v", err)
	}
	return ""
}

func isKey(text string) bool {
	return text == "" || slices.ContainsFunc(alert.Fields[:], func(f alert.Field) bool { return f.Key == text })
}

func isIdentifier(text string) bool {
	return text == "" || len(text) == 36 && strings.Trim(text, "0123456789abcdefABCDEF-") == ""
}

// wantSame fails the test unless two lists say the same.
func wantSame(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
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

// optionsFor is a service that answers every request with these bytes.
func optionsFor(wire []byte, pieces int) transport.Options {
	return transport.Options{Base: roundTripper(func(r *http.Request) (*http.Response, error) {
		return respond(r, wire, pieces)
	})}
}
