// Package signin tests signing in at a token server that is not of this project, the
// example server of github.com/zitadel/oidc: the client and the fake of Microsoft's
// services could share a mistake about OAuth 2.0. The provider's own binary gets the
// tokens, and an API verifies them.
//
// The server does not know an OIDC token of another issuer in place of a secret
// (workload identity federation), and has nothing like a managed identity.
package signin

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// versions are the endpoints that the APIs use.
var versions = map[string]struct {
	folder, address string
	permission      string // of a person, a scope
	field           string // of token requests for the audience
	person, daemon  string // its values
}{
	"siem": {
		folder: "oauth2", address: "https://graph.windows.net", permission: "https://graph.windows.net/.default",
		field: "resource", person: "https://graph.windows.net", daemon: "https://graph.windows.net",
	},
	"graph": {
		folder: "oauth2/v2.0", address: "https://graph.microsoft.com", permission: "https://graph.microsoft.com/SecurityAlert.Read.All",
		field: "scope", person: "https://graph.microsoft.com/SecurityAlert.Read.All offline_access", daemon: "https://graph.microsoft.com/.default",
	},
}

// newSettings starts a token server and an API, and returns the settings for them.
func newSettings(t *testing.T, name string, apps *applications) (server *tokenServer, api *alertAPI, settings []string) {
	t.Helper()
	server = startTokenServer(t, versions[name].folder, apps)
	api = startAPI(t, server)
	return server, api, []string{
		"MDATP_API=" + name, "MDATP_TENANT_ID=" + tenant, "MDATP_AUTHORITY_HOST=" + server.URL, "MDATP_MAX_ATTEMPTS=1",
		"MDATP_SIEM_ENDPOINT=" + api.URL, "MDATP_GRAPH_ENDPOINT=" + api.URL,
	}
}

// TestPerson signs a person in, reads with the refresh token that is stored, and again
// with the one that replaced it. The first one is then refused.
func TestPerson(t *testing.T) {
	t.Parallel()
	for name, version := range versions {
		for kind, client := range map[string]struct{ id, secret string }{"public": {publicID, ""}, "confidential": {confidentialID, confidentialSecret}} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				if _, err := build(); err != nil {
					t.Fatal(err)
				}
				server, api, settings := newSettings(t, name, newApplications(version.permission, "", nil))
				settings = append(settings, "MDATP_CLIENT_ID="+client.id, "MDATP_CLIENT_SECRET="+client.secret)
				path := filepath.Join(t.TempDir(), "token.json")
				file := "MDATP_REFRESH_TOKEN_FILE_PATH=" + path

				login(t, providerBinary(), settings, "-refresh-token-file", path)
				tokens := []string{storedToken(t, path)}
				for range 2 {
					if result := plan(t, append(settings, file)...); result.Status != 0 {
						t.Fatalf("plan = %+v, want success", result)
					}
					tokens = append(tokens, storedToken(t, path))
				}
				who := holder{userID, client.id, version.permission + " offline_access"}
				api.checkReads(t, who, who)
				server.checkSent(t, "grant_type", "authorization_code", "refresh_token", "refresh_token")
				server.checkSent(t, "refresh_token", "", tokens[0], tokens[1])
				server.checkSent(t, "client_id", client.id, client.id, client.id)
				server.checkSent(t, "client_secret", client.secret, client.secret, client.secret)
				server.checkSent(t, version.field, version.person, version.person, version.person)

				checkRefused(t, "invalid_grant, HTTP status 400", tokens[0], append(settings, "MDATP_REFRESH_TOKEN="+tokens[0])...)
				api.checkReads(t, who, who)
			})
		}
	}
}

// storedToken returns the refresh token of a file.
func storedToken(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(text, &file); err != nil || file.RefreshToken == "" {
		t.Fatalf("file of the refresh token = %v, want a token", err)
	}
	return file.RefreshToken
}

// TestDaemon signs an application in with its secret or certificate. Another's is
// refused.
func TestDaemon(t *testing.T) {
	t.Parallel()
	path, key := writeCertificate(t)
	other, _ := writeCertificate(t)
	for name, version := range versions {
		for credential, test := range map[string]struct{ good, bad, refusal string }{
			"secret":      {"MDATP_CLIENT_SECRET=" + daemonSecret, "MDATP_CLIENT_SECRET=" + confidentialSecret, "invalid_client, HTTP status 401"},
			"certificate": {"MDATP_CLIENT_CERTIFICATE_PATH=" + path, "MDATP_CLIENT_CERTIFICATE_PATH=" + other, "invalid_grant, HTTP status 400"},
		} {
			t.Run(name+", "+credential, func(t *testing.T) {
				t.Parallel()
				server, api, settings := newSettings(t, name, newApplications("", version.address+"/.default", key))
				settings = append(settings, "MDATP_CLIENT_ID="+daemonID)
				if result := plan(t, append(settings, test.good)...); result.Status != 0 {
					t.Fatalf("plan = %+v, want success", result)
				}
				who := holder{daemonID, daemonID, version.address + "/.default"}
				api.checkReads(t, who)
				server.checkSent(t, "grant_type", "client_credentials")
				server.checkSent(t, "client_id", daemonID)
				server.checkSent(t, version.field, version.daemon)

				checkRefused(t, test.refusal, confidentialSecret, append(settings, test.bad)...)
				api.checkReads(t, who)
			})
		}
	}
}

// checkRefused checks that a plan fails with the server's codes, and without the secret.
func checkRefused(t *testing.T, codes, secret string, settings ...string) {
	t.Helper()
	result := plan(t, settings...)
	text := strings.Join(strings.Fields(strings.ReplaceAll(result.Stderr, "│", " ")), " ")
	if result.Status != 1 || !strings.Contains(text, "The service responded with "+codes+".") || strings.Contains(result.Stdout+text, secret) {
		t.Errorf("plan = %+v, want that the service responded with %s", result, codes)
	}
}
