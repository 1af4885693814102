package signin

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

var (
	actionPattern  = regexp.MustCompile(`<form method="POST" action="([^"]+)"`)
	requestPattern = regexp.MustCompile(`<input type="hidden" name="id" value="([^"]+)"`)
)

// signIn opens an address as a person does, fills in the server's form, and returns the
// page at the end.
func signIn(ctx context.Context, address string) (page string, err error) {
	browser := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	at, page, err := visit(ctx, browser, http.MethodGet, address, "")
	if err != nil {
		return "", err
	}
	action, request := actionPattern.FindStringSubmatch(page), requestPattern.FindStringSubmatch(page)
	if action == nil || request == nil {
		return "", fmt.Errorf("no form at %s: %s", at.Path, page)
	}
	form := url.Values{"id": {request[1]}, "username": {userName}, "password": {userPassword}}
	target, err := at.Parse(action[1])
	if err != nil {
		return "", err
	}
	_, page, err = visit(ctx, browser, http.MethodPost, target.String(), form.Encode())
	return page, err
}

// visit follows redirects and returns the last address and its page.
func visit(ctx context.Context, browser *http.Client, method, address, form string) (at *url.URL, page string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return nil, "", err
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := browser.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.Request.URL, string(text), err
}

// login runs the command login with a person at the address that it prints, who must
// see that the sign-in succeeded.
func login(t *testing.T, provider string, settings []string, args ...string) {
	t.Helper()
	var stderr strings.Builder
	cmd := process.Command(t.Context(), provider, append([]string{"login", "-no-browser", "-timeout", "1m"}, args...)...)
	cmd.Env = append(terraform.Environment(), settings...)
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	signedIn := false
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if !strings.HasPrefix(lines.Text(), "http") {
			continue
		}
		page, err := signIn(t.Context(), lines.Text())
		if err != nil || !strings.Contains(page, "<h1>Signed in</h1>") {
			t.Errorf("page at the end of the sign-in = %q, %v, want that it succeeded", page, err)
		}
		signedIn = true
	}
	if err := process.Wait(cmd); err != nil || !signedIn || stderr.Len() > 0 {
		t.Fatalf("login = %v, address printed: %t, %s", err, signedIn, stderr.String())
	}
}
