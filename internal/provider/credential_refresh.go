package provider

import (
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/tokenfile"
)

// refreshCredential is the credential of a person who signed in. A refresh token is
// issued to one application, like a secret. The secret is sent with it, if the
// application has one.
func refreshCredential(s resolvedSettings) credential {
	token, withSecret := refreshToken.in(s), withRefreshToken(s)
	c := credential{
		set:        token.set,
		name:       "the refresh token from " + token.origin,
		settings:   []providerArgument{clientID},
		onlyTenant: "A refresh token is of one tenant.",
		origin: func() string {
			text := "the client ID from " + clientID.in(s).origin + ", the refresh token from " + token.origin
			if withSecret {
				text += ", the client secret from " + clientSecret.in(s).origin
			}
			return text
		},
		build: func(warn func(string)) (entra.Credential, diag.Diagnostics) {
			secret := ""
			if withSecret {
				secret = clientSecret.in(s).value
			}
			if file := token.level.file; file.set {
				return entra.RefreshTokenFile(file.text, secret, warn), nil
			}
			return entra.RefreshToken(token.value, secret, warn), nil
		},
	}
	if token.set {
		c.problems = ofApplication(s, refreshToken.label, token)
	}
	if withSecret {
		c.settings = append(c.settings, clientSecret)
	}
	return c
}

// withRefreshToken reports whether the client secret goes with the refresh token. An
// application may have none, so that one beside the block's client ID can be that of
// another provider's application.
func withRefreshToken(s resolvedSettings) bool {
	secret, id := clientSecret.in(s), clientID.in(s)
	return refreshToken.in(s).set && secret.set && id.set && together(secret.level, id.level) &&
		(secret.level.isOwn() || secret.level.name == id.level.name)
}

// isOwn reports whether a level is of this provider alone.
func (l level) isOwn() bool { return l.name == providerBlock || l.name == "MDATP_" }

// readRefreshToken reads the file of the refresh token, if one is set. Its tenant and
// its application are the provider's, unless these are set. The hint is a sentence for
// the error about missing ones, or "".
func readRefreshToken(s resolvedSettings) (hint string, d diag.Diagnostics) {
	token := refreshToken.in(s)
	path := token.level.file
	if !path.set {
		return "", nil
	}
	if token.level.direct.set {
		d.AddError("Conflicting refresh token", "Both "+token.level.direct.origin+" and "+path.origin+" are set. Remove one of them.")
		return "", d
	}
	content, err := tokenfile.Read(path.text)
	if err != nil {
		d.AddError("Unusable file of the refresh token", "The file that "+path.origin+" names cannot be used: "+err.Error()+
			". Check the path and who may read it, or run terraform-provider-mdatp login again.")
		return "", d
	}
	d.Append(completeFrom(s, tenantID, content.Tenant, token, true)...)
	d.Append(completeFrom(s, clientID, content.Client, token, clientID.in(s).level.isOwn())...)
	if !tenantID.in(s).set || !clientID.in(s).set {
		hint = "The file that " + path.origin + " names is not what terraform-provider-mdatp login stores, so that its text is taken as a refresh token, " +
			"which needs the tenant ID and the client ID."
	}
	return hint, d
}

// completeFrom sets a setting to what the file of the refresh token says. If it is set
// elsewhere, and that belongs to the refresh token, the two must agree.
func completeFrom(s resolvedSettings, row *settingRow[string], text string, token resolved[string], belongs bool) (d diag.Diagnostics) {
	if text == "" {
		return nil
	}
	value, err := row.parse(text)
	if err != nil {
		d.AddError("Invalid "+row.label, "The "+row.label+" in "+token.origin+" cannot be used: "+err.Error()+".")
		return d
	}
	if row.in(s).set && belongs {
		if d.Append(row.open(s)...); d.HasError() {
			return d
		}
		if now := row.in(s); !strings.EqualFold(now.value, value) {
			d.AddError("Conflicting "+row.label, "The value of "+now.origin+" is not the "+row.label+" in "+token.origin+
				", to which the refresh token was issued. Remove it, or run terraform-provider-mdatp login for it.")
		}
		return d
	}
	s[row] = resolved[string]{value: value, set: true, origin: token.origin, level: level{name: token.level.name}}
	return d
}

// warnings are the sentences of a credential for the next read that ends.
type warnings struct {
	mu       sync.Mutex
	problems []string
}

func (w *warnings) add(problem string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = append(w.problems, problem)
}

// take returns the warnings since the last call.
func (w *warnings) take() (d diag.Diagnostics) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, problem := range w.problems {
		d.AddWarning("Refresh token not stored", problem)
	}
	w.problems = nil
	return d
}
