package transport_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://login.microsoftonline.com":         "https://login.microsoftonline.com",
		"https://login.microsoftonline.com/":        "https://login.microsoftonline.com",
		"https://service.test:8443/siem/":           "https://service.test:8443/siem",
		"https://service.test/siem//":               "https://service.test/siem",
		"https://service.test/a%2Fb/":               "https://service.test/a%2Fb",
		"HTTPS://service.test":                      "https://service.test",
		"https://[2001:db8::1]/x":                   "https://[2001:db8::1]/x",
		"http://localhost:8080/entra":               "http://localhost:8080/entra",
		"http://LOCALHOST":                          "http://localhost",
		"http://LocalHost:8080/Entra":               "http://localhost:8080/Entra",
		"http://127.0.0.1:1":                        "http://127.0.0.1:1",
		"http://127.8.9.10":                         "http://127.8.9.10",
		"http://[::1]:1/x":                          "http://[::1]:1/x",
		"http://[::FFFF:127.0.0.1]":                 "http://[::ffff:127.0.0.1]",
		"https://SERVICE.test/SIEM":                 "https://service.test/SIEM",
		"https://xn--bcher-kva.test":                "https://xn--bcher-kva.test",
		"https://service.test:1":                    "https://service.test:1",
		"https://service.test:65535":                "https://service.test:65535",
		"":                                          "",
		"service.test":                              "",
		"service.test:443":                          "",
		"//service.test":                            "",
		"/path":                                     "",
		"https://":                                  "",
		"https:///path":                             "",
		"https://:443":                              "",
		"ftp://service.test":                        "",
		"file:///etc/passwd":                        "",
		"https:service.test":                        "",
		"https://user@service.test":                 "",
		"https://user:" + canary + "@service.test":  "",
		"https://@service.test":                     "",
		"https://service.test?x=" + canary:          "",
		"https://service.test?":                     "",
		"https://service.test#" + canary:            "",
		"http://service.test":                       "",
		"http://127.0.0.1.service.test":             "",
		"http://localhost.service.test":             "",
		"http://0.0.0.0":                            "",
		"http://10.0.0.1":                           "",
		"http://[::]":                               "",
		"http://[2001:db8::1]":                      "",
		"http://localhost.":                         "",
		"http://localho\u017ft":                     "", // a long s, which folds to s
		"http://[::1%25lo]":                         "",
		"http://127.1":                              "",
		"http://2130706433":                         "",
		"http://[::ffff:10.0.0.1]":                  "",
		"https://b\u00fccher.test":                  "",
		"https://login.micros\u043eft.test":         "", // a Cyrillic o
		"https://a\u3002service.test":               "", // a full stop to IDNA
		"https://a%E3%80%82service.test":            "",
		"https://service.test%E2%80%AE":             "",
		"https://service.test%FF":                   "",
		"https://[fe80::1%25%C3%A9]":                "",
		"https://service.test:0":                    "",
		"https://service.test:00":                   "",
		"https://service.test:65536":                "",
		"https://service.test:18446744073709551617": "",
		"http://localhost:65536":                    "",
		"https://service.test:-1":                   "",
		"https://service.test:port":                 "",
		"https://service.test/%zz" + canary:         "",
		"https://service.test/\n" + canary:          "",
		" https://service.test":                     "",
		"https://ser vice.test/" + canary:           "",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			address, err := transport.ParseAddress(text)
			if want == "" {
				if err == nil {
					t.Fatalf("ParseAddress(%q) = %s, want an error", text, address)
				}
				wantSentence(t, err, "it ", "plain ")
				return
			}
			if err != nil {
				t.Fatalf("ParseAddress(%q) fails with %v, want %s", text, err, want)
			}
			if got := address.String(); got != want {
				t.Errorf("ParseAddress(%q) = %s, want %s", text, got, want)
			}
		})
	}
}

// wantSentence fails the test unless an error starts with one of the prefixes and
// quotes nothing of the address.
func wantSentence(t *testing.T, err error, prefixes ...string) {
	t.Helper()
	sentence := err.Error()
	if !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(sentence, prefix) }) {
		t.Errorf("error = %q, want one of the prefixes %q", sentence, prefixes)
	}
	for _, hidden := range []string{"service.test", "c4n4ry"} {
		if strings.Contains(sentence, hidden) {
			t.Errorf("error = %q, want no %q in it", sentence, hidden)
		}
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	const base = "https://service.test/v1.0/security/alerts_v2"
	for name, test := range map[string]struct {
		base, link, want string // want is "" for a refusal
	}{
		"the next page":      {base, base + "?$skiptoken=abc%3D", base + "?$skiptoken=abc%3D"},
		"host in upper case": {base, "https://SERVICE.test/v1.0/security/alerts_v2?a=1", base + "?a=1"},
		"scheme in capitals": {base, "HTTPS://service.test/v1.0/security/alerts_v2?a=1", base + "?a=1"},
		"default port":       {base, "https://service.test:443/v1.0/security/alerts_v2?a=1", base + "?a=1"},
		"another port":       {"https://service.test:8443/x", "https://service.test:8443/x?a=1", "https://service.test:8443/x?a=1"},
		"no query":           {base, base, base},
		"tilde":              {base, base + "?a=~", base + "?a=~"},
		"8 KiB":              {base, base + "?" + strings.Repeat("a", 8<<10-len(base)-1), base + "?" + strings.Repeat("a", 8<<10-len(base)-1)},
		"longer than 8 KiB":  {base, base + "?" + strings.Repeat("a", 8<<10-len(base)), ""},
		"other scheme":       {base, "http://service.test/v1.0/security/alerts_v2?a=1", ""},
		"other host":         {base, "https://c4n4ry.test/v1.0/security/alerts_v2", ""},
		"subdomain":          {base, "https://sub.service.test/v1.0/security/alerts_v2", ""},
		"other port":         {base, "https://service.test:8443/v1.0/security/alerts_v2", ""},
		"lost port":          {"https://service.test:8443/x", "https://service.test/x", ""},
		"port 0443":          {base, "https://service.test:0443/v1.0/security/alerts_v2", ""},
		"other path":         {base, "https://service.test/v1.0/security/c4n4ry", ""},
		"longer path":        {base, base + "/c4n4ry", ""},
		"trailing slash":     {base, base + "/", ""},
		"path in capitals":   {base, "https://service.test/V1.0/security/alerts_v2", ""},
		"dots in the path":   {base, "https://service.test/v1.0/x/../security/alerts_v2", ""},
		"escaped path":       {base, "https://service.test/v1.0/security%2Falerts_v2", ""},
		"needless escape":    {base, "https://service.test/v1.0/security/%61lerts_v2", ""},
		"user":               {base, "https://c4n4ry@service.test/v1.0/security/alerts_v2", ""},
		"empty user":         {base, "https://@service.test/v1.0/security/alerts_v2", ""},
		"user with password": {base, "https://u:c4n4ry@service.test/v1.0/security/alerts_v2", ""},
		"host as user":       {base, "https://service.test@c4n4ry.test/v1.0/security/alerts_v2", ""},
		"backslash":          {base, `https://service.test\@c4n4ry.test/v1.0/security/alerts_v2`, ""},
		"fragment":           {base, base + "?a=1#c4n4ry", ""},
		"empty fragment":     {base, base + "#", ""},
		"relative":           {base, "/v1.0/security/alerts_v2?a=1", ""},
		"without a scheme":   {base, "//service.test/v1.0/security/alerts_v2?a=1", ""},
		"query only":         {base, "?a=1", ""},
		"empty":              {base, "", ""},
		"opaque":             {base, "https:service.test/v1.0/security/alerts_v2", ""},
		"line break":         {base, base + "?a=1\r\nX-c4n4ry: 1", ""},
		"space":              {base, base + "?a= c4n4ry", ""},
		"leading space":      {base, " " + base, ""},
		"not ASCII":          {base, base + "?a=é", ""},
		"bad escape":         {base, "https://service.test/%zz", ""},
		"bad port":           {base, "https://service.test:c4n4ry/v1.0/security/alerts_v2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := parse(t, test.base)
			got, err := transport.Follow(from, test.link)
			if from.String() != test.base {
				t.Errorf("base after Follow() = %s, want %s", from, test.base)
			}
			if test.want != "" {
				if err != nil {
					t.Fatalf("Follow(%q) fails with %v, want %s", test.link, err, test.want)
				}
				if got.String() != test.want {
					t.Errorf("Follow(%q) = %s, want %s", test.link, got, test.want)
				}
				return
			}
			if err == nil {
				t.Fatalf("Follow(%q) = %v, want an error", test.link, got)
			}
			wantSentence(t, err, "it ")
		})
	}
}
