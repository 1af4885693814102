package signin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// An alertAPI has no alerts. It verifies access tokens with the keys that the token
// server publishes.
type alertAPI struct {
	*httptest.Server

	mu     sync.Mutex
	tokens []holder
}

// A holder is who has an access token, and for what.
type holder struct{ subject, client, scopes string }

func startAPI(t *testing.T, s *tokenServer) *alertAPI {
	t.Helper()
	a := new(alertAPI)
	verifier := op.NewAccessTokenVerifier(s.issuer, rp.NewRemoteKeySet(s.Client(), s.URL+"/keys"))
	mux := http.NewServeMux()
	for pattern, empty := range map[string]string{"GET /api/alerts": `[]`, "GET /v1.0/security/alerts_v2": `{"value": []}`} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			claims, err := op.VerifyAccessToken[*oidc.AccessTokenClaims](r.Context(), text, verifier)
			if err != nil {
				t.Error(err)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			scopes, _ := claims.Claims["scp"].(string)
			a.mu.Lock()
			defer a.mu.Unlock()
			a.tokens = append(a.tokens, holder{claims.Subject, claims.ClientID, scopes})
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, empty)
		})
	}
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

// checkReads checks whose tokens the reads had.
func (a *alertAPI) checkReads(t *testing.T, want ...holder) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if !reflect.DeepEqual(a.tokens, want) {
		t.Errorf("access tokens of the reads = %+v, want %+v", a.tokens, want)
	}
}
