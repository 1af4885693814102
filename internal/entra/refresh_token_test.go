package entra_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/tokenfile"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

const (
	oldRefresh = "0.r3fresh-old_~"
	newRefresh = "0.r3fresh-new_~"
	nextOne    = "0.r3fresh-next_~"
)

// warnings collects what a credential warns of.
type warnings struct {
	mu    sync.Mutex
	texts []string
}

func (w *warnings) add(problem string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, problem)
}

// want fails the test unless these are the warnings.
func (w *warnings) want(t *testing.T, want ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if fmt.Sprintf("%q", w.texts) != fmt.Sprintf("%q", want) {
		t.Errorf("warnings = %q, want %q", w.texts, want)
	}
}

const (
	warnRotated  = "Entra ID replaced the refresh token with a newer one, which is lost when this run ends. Keep it in a file, which is updated."
	warnReadOnly = "The file of the refresh token cannot be updated: it or its folder is read-only. The newer token is lost when this run ends."
)

// options returns those of an application that sends with a script.
func options(s http.RoundTripper, c entra.Credential, audience entra.Audience) entra.Options {
	return entra.Options{
		AuthorityHost: login(),
		ClientID:      clientID,
		Credential:    c,
		Audience:      audience,
		Timeout:       5 * time.Minute,
		Client:        transport.New(transport.Options{Base: s, UserAgent: "test/1", MaxAttempts: 3, AttemptTimeout: time.Minute}),
	}
}

func refreshes(s http.RoundTripper, c entra.Credential) *entra.TokenSource {
	return entra.NewApplication(options(s, c, entra.Resource(resource))).Tenant(tenant)
}

// renews returns a step that issues an access token and a refresh token.
func renews(access, refresh string) transporttest.Step {
	return transporttest.Respond(http.StatusOK, fmt.Sprintf(
		`{"token_type":"Bearer","expires_in":"3599","access_token":%q,"refresh_token":%q,"resource":"x","scope":"x"}`, access, refresh))
}

// wantRefreshes fails the test unless the requests sent these refresh tokens for the
// resource.
func wantRefreshes(t *testing.T, s *transporttest.Script, tokens ...string) {
	t.Helper()
	forms := make([]url.Values, 0, len(tokens))
	for _, text := range tokens {
		forms = append(forms, url.Values{
			"grant_type": {"refresh_token"}, "client_id": {clientID}, "resource": {resource}, "refresh_token": {text},
		})
	}
	wantSent(t, s, "https://login.test/base/"+tenant+"/oauth2/token", forms...)
}

// wantSent fails the test unless these forms were sent to the address.
func wantSent(t *testing.T, s *transporttest.Script, address string, forms ...url.Values) {
	t.Helper()
	sent := s.Requests()
	if len(sent) != len(forms) {
		t.Fatalf("requests = %d, want %d", len(sent), len(forms))
	}
	for i, r := range sent {
		if got, want := r.Method+" "+r.URL, "POST "+address; got != want {
			t.Errorf("request = %s, want %s", got, want)
		}
		form, err := url.ParseQuery(r.Body)
		if err != nil || form.Encode() != forms[i].Encode() {
			t.Errorf("form sent = %q, %v, want %q", r.Body, err, forms[i].Encode())
		}
		if got := r.Header.Get("Authorization"); got != "" {
			t.Errorf("Authorization = %q, want none", got)
		}
	}
}

// tokenFile returns the path of a file with a refresh token.
func tokenFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantStored(t *testing.T, path, want string) {
	t.Helper()
	if f, err := tokenfile.Read(path); f.RefreshToken != want || err != nil {
		t.Errorf("token in the file = %q, %v, want %q", f.RefreshToken, err, want)
	}
}

// renewed gets a token, rejects it, and so on, and fails the test unless these were
// the tokens.
func renewed(t *testing.T, source *entra.TokenSource, tokens ...string) {
	t.Helper()
	for _, want := range tokens {
		access, err := source.Token(t.Context())
		wantToken(t, access, err, want)
		source.Invalidate(access)
	}
}

// TestRefreshForms has the form of both versions, with and without a client secret.
func TestRefreshForms(t *testing.T) {
	t.Parallel()
	const graphHost = "https://graph.test"
	for name, test := range map[string]struct {
		audience          entra.Audience
		path, key, values string
	}{
		"v1":             {entra.Resource(resource), "/oauth2/token", "resource", resource},
		"v2":             {entra.Scope(graphHost, "SecurityAlert.Read.All"), "/oauth2/v2.0/token", "scope", graphHost + "/SecurityAlert.Read.All offline_access"},
		"v2, two":        {entra.Scope(graphHost, "A.Read", "B.Read"), "/oauth2/v2.0/token", "scope", graphHost + "/A.Read " + graphHost + "/B.Read offline_access"},
		"v2, registered": {entra.Scope(graphHost), "/oauth2/v2.0/token", "scope", graphHost + "/.default offline_access"},
	} {
		for _, clientSecret := range []string{"", secret} {
			var warned warnings
			for where, c := range map[string]entra.Credential{
				"text": entra.RefreshToken(oldRefresh, clientSecret, warned.add),
				"file": entra.RefreshTokenFile(tokenFile(t, oldRefresh+"\n"), clientSecret, warned.add),
			} {
				t.Run(fmt.Sprint(name, where, clientSecret != ""), func(t *testing.T) {
					t.Parallel()
					s := transporttest.NewScript(grants("t0ken", 3599))
					access, err := entra.NewApplication(options(s, c, test.audience)).Tenant(tenant).Token(t.Context())
					wantToken(t, access, err, "t0ken")
					form := url.Values{"grant_type": {"refresh_token"}, "client_id": {clientID}, "refresh_token": {oldRefresh}, test.key: {test.values}}
					if clientSecret != "" {
						form.Set("client_secret", clientSecret)
					}
					wantSent(t, s, "https://login.test/base/"+tenant+test.path, form)
					warned.want(t)
				})
			}
		}
	}
}

// TestRefreshTokenRotates goes on with the newest token of this process.
func TestRefreshTokenRotates(t *testing.T) {
	t.Parallel()
	var warned warnings
	s := transporttest.NewScript(renews("t0ken1", oldRefresh), grants("t0ken2", 3599), renews("t0ken3", newRefresh), renews("t0ken4", nextOne),
		transporttest.Respond(200, `{"token_type":"Bearer","access_token":"t0ken5","refresh_token":null}`), renews("t0ken6", ""))
	source := refreshes(s, entra.RefreshToken(oldRefresh, "", warned.add))
	renewed(t, source, "t0ken1", "t0ken2")
	warned.want(t)
	renewed(t, source, "t0ken3", "t0ken4", "t0ken5", "t0ken6")
	warned.want(t, warnRotated)
	wantRefreshes(t, s, oldRefresh, oldRefresh, oldRefresh, newRefresh, nextOne, nextOne)
}

// TestRefreshTokenFileRotates stores the newest token in the form of the file.
func TestRefreshTokenFileRotates(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"bare":   oldRefresh + "\r\n",
		"stored": `{"tenant":"` + strings.ToUpper(tenant) + `","client":"` + strings.ToUpper(clientID) + `","refresh_token":"` + oldRefresh + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var warned warnings
			path := tokenFile(t, content)
			before, err := tokenfile.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			s := transporttest.NewScript(renews("t0ken1", newRefresh), grants("t0ken2", 3599), renews("t0ken3", nextOne), renews("t0ken4", oldRefresh))
			source := refreshes(s, entra.RefreshTokenFile(path, "", warned.add))
			renewed(t, source, "t0ken1")
			wantStored(t, path, newRefresh)
			renewed(t, source, "t0ken2")
			wantStored(t, path, newRefresh)
			renewed(t, source, "t0ken3")
			// Another credential, as of another process, reads the newest.
			renewed(t, refreshes(s, entra.RefreshTokenFile(path, "", warned.add)), "t0ken4")
			if after, err := tokenfile.Read(path); after != before || err != nil {
				t.Errorf("file = %+v, %v, want that before", after, err)
			}
			wantRefreshes(t, s, oldRefresh, newRefresh, newRefresh, nextOne)
			warned.want(t)
		})
	}
}

// TestRefreshTokenFileShared has many runs, each of which must use the token that the
// one before it stored: the service accepts each token once.
func TestRefreshTokenFileShared(t *testing.T) {
	t.Parallel()
	const runs = 20
	path := tokenFile(t, "r-0")
	var (
		mu     sync.Mutex
		valid  = 0
		warned warnings
	)
	s := transporttest.NewScript(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		valid++
		next := valid
		mu.Unlock()
		return renews(fmt.Sprint("t0ken", next), fmt.Sprint("r-", next))(r)
	})
	var running sync.WaitGroup
	for range runs {
		running.Go(func() {
			source := refreshes(s, entra.RefreshTokenFile(path, "", warned.add))
			access, err := source.Token(t.Context())
			wantAnyToken(t, access, err)
		})
	}
	running.Wait()
	want := make([]string, 0, runs)
	for i := range runs {
		want = append(want, fmt.Sprint("r-", i))
	}
	wantRefreshes(t, s, want...)
	wantStored(t, path, fmt.Sprint("r-", runs))
	warned.want(t)
}

// A credential that several tenants or audiences share takes turns.
func TestRefreshTokenShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const sources = 10
		var (
			warned  warnings
			running sync.WaitGroup
			steps   []transporttest.Step
			want    []string
		)
		for i := range sources {
			steps = append(steps, transporttest.After(time.Second, renews("t0ken", fmt.Sprint("r-", i+1))))
			want = append(want, fmt.Sprint("r-", i))
		}
		s := transporttest.NewScript(steps...)
		c := entra.RefreshToken("r-0", "", warned.add)
		for range sources {
			running.Go(func() {
				access, err := refreshes(s, c).Token(t.Context())
				wantToken(t, access, err, "t0ken")
			})
		}
		// A caller that ends while it waits takes no turn.
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		time.Sleep(100 * time.Millisecond)
		_, err := refreshes(s, c).Token(ctx)
		wantFailed(t, err, transport.PhaseSignIn, transport.OutOfTime, 0)
		running.Wait()
		wantRefreshes(t, s, want...)
		warned.want(t, warnRotated)
	})
}

// TestRefreshTokenFileReadOnly uses the access token, and the newest refresh token
// from memory until the file has another one.
func TestRefreshTokenFileReadOnly(t *testing.T) {
	t.Parallel()
	var warned warnings
	path := tokenFile(t, oldRefresh)
	chmod := func(mode fs.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod(0o400)
	s := transporttest.NewScript(renews("t0ken1", newRefresh), renews("t0ken2", nextOne), grants("t0ken3", 3599), renews("t0ken4", "r-4"))
	source := refreshes(s, entra.RefreshTokenFile(path, "", warned.add))
	renewed(t, source, "t0ken1")
	warned.want(t, warnReadOnly)
	renewed(t, source, "t0ken2")
	wantStored(t, path, oldRefresh)
	chmod(0o600)
	if err := tokenfile.Write(path, tokenfile.File{RefreshToken: "r-login"}); err != nil {
		t.Fatal(err)
	}
	renewed(t, source, "t0ken3", "t0ken4")
	wantStored(t, path, "r-4")
	if err := tokenfile.Write(path, tokenfile.File{RefreshToken: oldRefresh}); err != nil { // as from a backup
		t.Fatal(err)
	}
	renewed(t, source, "t0ken4")
	wantRefreshes(t, s, oldRefresh, newRefresh, "r-login", "r-login", oldRefresh)
	warned.want(t, warnReadOnly)
}

// TestRefreshTokenFileWithoutLock has a folder in which no lock can be created.
func TestRefreshTokenFileWithoutLock(t *testing.T) {
	t.Parallel()
	path := inReadOnlyFolder(t)
	if _, err := tokenfile.Lock(t.Context(), path); !errors.Is(err, tokenfile.ErrReadOnly) {
		t.Fatalf("Lock() = %v, want %v", err, tokenfile.ErrReadOnly)
	}
	f, err := tokenfile.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var warned warnings
	s := transporttest.NewScript(renews("t0ken1", newRefresh), grants("t0ken2", 3599))
	renewed(t, refreshes(s, entra.RefreshTokenFile(path, "", warned.add)), "t0ken1", "t0ken2")
	wantRefreshes(t, s, f.RefreshToken, newRefresh)
	wantStored(t, path, f.RefreshToken)
	warned.want(t, warnReadOnly)
}

// inReadOnlyFolder returns the path of a file with one word in a folder in which this
// user cannot create files. root can in any but those of the kernel.
func inReadOnlyFolder(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("folders are never read-only")
	}
	if os.Getuid() != 0 {
		path := tokenFile(t, oldRefresh)
		if err := os.Chmod(filepath.Dir(path), 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o700) }) // it is removed then
		return path
	}
	const path = "/sys/kernel/fscaps"
	if _, err := os.Stat(path); err != nil {
		t.Skip("root can create files everywhere")
	}
	return path
}

// TestRefreshTokenFileReplaced reads the file for each attempt.
func TestRefreshTokenFileReplaced(t *testing.T) {
	t.Parallel()
	path := tokenFile(t, oldRefresh)
	synctest.Test(t, func(t *testing.T) {
		var warned warnings
		replaced := func(newer string) transporttest.Step {
			return func(r *http.Request) (*http.Response, error) {
				if err := tokenfile.Write(path, tokenfile.File{RefreshToken: newer}); err != nil {
					t.Error(err)
				}
				return transporttest.Respond(503, "")(r)
			}
		}
		s := transporttest.NewScript(replaced(newRefresh), renews("t0ken1", nextOne), replaced("r-3"), func(r *http.Request) (*http.Response, error) {
			if err := os.Chmod(path, 0o400); err != nil { // a token that is not new is not stored
				t.Error(err)
			}
			return renews("t0ken2", "r-3")(r)
		})
		source := refreshes(s, entra.RefreshTokenFile(path, "", warned.add))
		renewed(t, source, "t0ken1")
		wantStored(t, path, nextOne)
		renewed(t, source, "t0ken2")
		wantStored(t, path, "r-3")
		wantRefreshes(t, s, oldRefresh, newRefresh, nextOne, "r-3")
		warned.want(t)
	})
}

// TestRefreshTokenFileLocked waits for another process, and ends with the caller.
func TestRefreshTokenFileLocked(t *testing.T) {
	t.Parallel()
	path := tokenFile(t, oldRefresh)
	synctest.Test(t, func(t *testing.T) {
		unlock, err := tokenfile.Lock(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		s := transporttest.NewScript(renews("t0ken", newRefresh))
		source := refreshes(s, entra.RefreshTokenFile(path, "", func(string) {}))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err = source.Token(ctx)
		wantTransport(t, err, transport.OutOfTime, 0, 0)
		// The source's own timeout, for a caller without one.
		began := time.Now()
		_, err = source.Token(t.Context())
		wantTransport(t, err, transport.OutOfTime, 0, 0)
		if took := time.Since(began); took != 5*time.Minute {
			t.Errorf("Token() took %s, want 5m", took)
		}
		wantRefreshes(t, s)
		go func() {
			time.Sleep(10 * time.Second)
			unlock()
		}()
		renewed(t, source, "t0ken")
		wantRefreshes(t, s, oldRefresh)
	})
}

// TestRefreshTokenUnusable sends nothing.
func TestRefreshTokenUnusable(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "blank": canary + " x", "CR LF": canary + "\r\nx: y", "not ASCII": canary + "é", "long": canary + strings.Repeat("x", 64<<10),
	} {
		s := transporttest.NewScript(grants("t0ken", 3599))
		_, err := refreshes(s, entra.RefreshToken(text, secret, func(string) {})).Token(t.Context())
		wantBad(t, err, entra.Refresh, `^The refresh token is empty, longer than 64 KiB, or has a character that a token cannot have\.$`, canary, secret)
		if got := len(s.Requests()); got != 0 {
			t.Errorf("%s: requests = %d, want 0", name, got)
		}
	}
	stored := func(tenant, client, refresh string) string {
		return `{"tenant":"` + tenant + `","client":"` + client + `","refresh_token":"` + refresh + `"}`
	}
	for content, want := range map[string]string{
		"":                                       "it is empty",
		canary + " " + canary:                    "it is not what the login command stores, and has a character that a token cannot have",
		stored(tenant, clientID, ""):             "it is empty",
		stored(tenant, clientID, canary) + "x":   "it is not the JSON object that the login command stores",
		stored(tenant, "another", canary):        "it belongs to another application",
		stored("contoso.test", clientID, canary): "it belongs to another tenant",
		`{"refresh_token":"` + canary + `"}`:     "its tenant or client is missing",
	} {
		path := tokenFile(t, content)
		s := transporttest.NewScript(grants("t0ken", 3599))
		_, err := refreshes(s, entra.RefreshTokenFile(path, secret, func(string) {})).Token(t.Context())
		wantBad(t, err, entra.Refresh, `^The file of the refresh token cannot be used: `+want+`\.$`, canary, path, secret)
		if got := len(s.Requests()); got != 0 {
			t.Errorf("requests with the file %q = %d, want 0", content, got)
		}
	}
	missing := filepath.Join(t.TempDir(), "none")
	s := transporttest.NewScript(grants("t0ken", 3599))
	_, err := refreshes(s, entra.RefreshTokenFile(missing, "", func(string) {})).Token(t.Context())
	wantBad(t, err, entra.Refresh, `: there is no such file\.$`, missing)
	if entries, err := os.ReadDir(filepath.Dir(missing)); len(entries) != 0 || err != nil {
		t.Errorf("files = %v, %v, want none: no lock of a missing file", entries, err)
	}
}

// TestRefreshFaults has the faults of the token endpoint, with a token in the settings
// and in a file. A file keeps its token.
func TestRefreshFaults(t *testing.T) {
	t.Parallel()
	type fault struct {
		step     transporttest.Step
		signIn   entra.Error // or, without a Kind:
		kind     transport.Kind
		status   int
		requests int
	}
	const member = `{"token_type":"Bearer","expires_in":3599,"access_token":"t0ken",`
	refused := func(sts int) fault {
		return fault{refuses(400, "invalid_grant", sts), entra.Error{Kind: entra.Refused, Status: 400, Code: "invalid_grant", STS: sts}, "", 0, 1}
	}
	unusable := func(body, field string) fault {
		return fault{transporttest.Respond(200, body), entra.Error{Kind: entra.Unusable, Field: field}, "", 0, 1}
	}
	other := func(step transporttest.Step, kind transport.Kind, status, requests int) fault {
		return fault{step, entra.Error{}, kind, status, requests}
	}
	faults := map[string]fault{
		"expired":                 refused(70008),
		"inactive":                refused(700082),
		"revoked":                 refused(50173),
		"needs a second factor":   refused(50076),
		"null":                    unusable("null", ""),
		"empty":                   unusable("", ""),
		"array":                   unusable("[]", ""),
		"no access token":         unusable(`{"token_type":"Bearer","refresh_token":"`+newRefresh+`"}`, "access_token"),
		"truncated object":        unusable(member+`"refresh_token":"`+newRefresh, ""),
		"duplicate":               unusable(member+`"refresh_token":"`+newRefresh+`","refresh_token":"x"}`, ""),
		"refresh token number":    unusable(member+`"refresh_token":1}`, "refresh_token"),
		"refresh token object":    unusable(member+`"refresh_token":{"x":"`+newRefresh+`"}}`, "refresh_token"),
		"refresh token blank":     unusable(member+`"refresh_token":"`+newRefresh+` "}`, "refresh_token"),
		"refresh token NUL":       unusable(member+`"refresh_token":"`+newRefresh+`\u0000"}`, "refresh_token"),
		"refresh token not ASCII": unusable(member+`"refresh_token":"`+newRefresh+`é"}`, "refresh_token"),
		"refresh token too long":  unusable(member+`"refresh_token":"`+strings.Repeat("x", 64<<10+1)+`"}`, "refresh_token"),
		"refresh token case":      unusable(member+`"Refresh_Token":"`+newRefresh+`"}`, "refresh_token"),
		"two cases":               unusable(member+`"refresh_token":"x","REFRESH_TOKEN":"`+newRefresh+`"}`, "refresh_token"),
		"redirect":                other(transporttest.Respond(307, "", "Location", "https://evil.test/"), transport.Redirected, 307, 1),
		"truncated":               other(transporttest.Break(200, member, errors.New(newRefresh)), transport.Broken, 200, 3),
		"page":                    other(transporttest.Respond(200, newRefresh, "Content-Type", "text/html"), transport.MediaType, 200, 1),
		"503":                     other(transporttest.Respond(503, newRefresh), transport.Status, 503, 3),
		"slow":                    other(transporttest.Stall(member), transport.Stalled, 200, 3),
		"silent":                  other(transporttest.Hang, transport.Stalled, 0, 3),
	}
	for name, fault := range faults {
		for _, where := range []string{"text", "file"} {
			t.Run(name+" "+where, func(t *testing.T) {
				t.Parallel()
				path := tokenFile(t, oldRefresh)
				synctest.Test(t, func(t *testing.T) {
					var warned warnings
					c := entra.RefreshToken(oldRefresh, "", warned.add)
					if where == "file" {
						c = entra.RefreshTokenFile(path, "", warned.add)
					}
					s := transporttest.NewScript(fault.step)
					access, err := refreshes(s, c).Token(t.Context())
					if access != "" {
						t.Errorf("Token() = %q and an error, want no token", access)
					}
					hidden := []string{oldRefresh, newRefresh, "t0ken", path}
					if want := fault.signIn; want.Kind != "" {
						want.Credential = entra.Refresh
						wantSignIn(t, err, want, hidden...)
					} else {
						wantFailed(t, err, transport.PhaseSignIn, fault.kind, fault.status, hidden...)
					}
					sent := make([]string, fault.requests)
					for i := range sent {
						sent[i] = oldRefresh
					}
					wantRefreshes(t, s, sent...)
					wantStored(t, path, oldRefresh)
					warned.want(t)
					unlock, err := tokenfile.Lock(t.Context(), path)
					if err != nil {
						t.Fatalf("Lock() after a failure = %v, want nil", err)
					}
					unlock()
				})
			})
		}
	}
}

// TestRefreshRetried exchanges the same token after a truncated response.
func TestRefreshRetried(t *testing.T) {
	t.Parallel()
	path := tokenFile(t, oldRefresh)
	synctest.Test(t, func(t *testing.T) {
		s := transporttest.NewScript(transporttest.Break(200, `{"refresh_token":"`+nextOne, errors.New("reset")), renews("t0ken", newRefresh))
		renewed(t, refreshes(s, entra.RefreshTokenFile(path, "", func(string) {})), "t0ken")
		wantRefreshes(t, s, oldRefresh, oldRefresh)
		wantStored(t, path, newRefresh)
	})
}

// A token too long for the file is kept in memory.
func TestRefreshTokenFileTooSmall(t *testing.T) {
	t.Parallel()
	var warned warnings
	path := tokenFile(t, oldRefresh)
	long := strings.Repeat("x", 64<<10)
	s := transporttest.NewScript(renews("t0ken1", long), renews("t0ken2", newRefresh))
	renewed(t, refreshes(s, entra.RefreshTokenFile(path, "", warned.add)), "t0ken1", "t0ken2")
	wantRefreshes(t, s, oldRefresh, long)
	wantStored(t, path, newRefresh)
	warned.want(t, "The file of the refresh token cannot be updated: it is larger than 64 KiB. The newer token is lost when this run ends.")
}
