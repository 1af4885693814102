package transport_test

import (
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://login.microsoftonline.com":        "https://login.microsoftonline.com",
		"https://login.microsoftonline.com/":       "https://login.microsoftonline.com",
		"https://service.test:8443/siem/":          "https://service.test:8443/siem",
		"https://service.test/siem//":              "https://service.test/siem",
		"https://service.test/a%2Fb/":              "https://service.test/a%2Fb",
		"HTTPS://service.test":                     "https://service.test",
		"https://[2001:db8::1]/x":                  "https://[2001:db8::1]/x",
		"http://localhost:8080/entra":              "http://localhost:8080/entra",
		"http://LOCALHOST":                         "http://LOCALHOST",
		"http://127.0.0.1:1":                       "http://127.0.0.1:1",
		"http://127.8.9.10":                        "http://127.8.9.10",
		"http://[::1]:1/x":                         "http://[::1]:1/x",
		"":                                         "",
		"service.test":                             "",
		"service.test:443":                         "",
		"//service.test":                           "",
		"/path":                                    "",
		"https://":                                 "",
		"https:///path":                            "",
		"https://:443":                             "",
		"ftp://service.test":                       "",
		"file:///etc/passwd":                       "",
		"https:service.test":                       "",
		"https://user@service.test":                "",
		"https://user:" + canary + "@service.test": "",
		"https://@service.test":                    "",
		"https://service.test?x=" + canary:         "",
		"https://service.test?":                    "",
		"https://service.test#" + canary:           "",
		"http://service.test":                      "",
		"http://127.0.0.1.service.test":            "",
		"http://localhost.service.test":            "",
		"http://0.0.0.0":                           "",
		"http://10.0.0.1":                          "",
		"http://[::]":                              "",
		"http://[2001:db8::1]":                     "",
		"https://service.test:port":                "",
		"https://service.test/%zz" + canary:        "",
		"https://service.test/\n" + canary:         "",
		" https://service.test":                    "",
		"https://ser vice.test/" + canary:          "",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			address, err := transport.ParseAddress(text)
			if want == "" {
				if err == nil {
					t.Fatalf("accepted as %s", address)
				}
				if sentence := err.Error(); strings.Contains(sentence, "service.test") || strings.Contains(sentence, "c4n4ry") || !strings.HasPrefix(sentence, "it ") &&
					!strings.HasPrefix(sentence, "plain ") {
					t.Errorf("the error is %q", sentence)
				}
				return
			}
			if err != nil || address.String() != want {
				t.Errorf("%s, %v", address, err)
			}
		})
	}
}
