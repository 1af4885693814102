package provider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/inputfile"
)

// A credential is a way to sign in, as far as the settings describe one.
type credential struct {
	set      bool     // some of its settings are
	problems []string // why it is incomplete, one for each setting; none: it is complete
	name     string   // with its place, in words, for a credential that is not used

	fallback bool // not set, but usable if nothing else is

	settings   []providerArgument // that have it; their files are opened
	identity   bool               // the computer's own, which has its tenant
	origin     func() string      // where it comes from, in words; after opening
	onlyTenant string             // why it has one tenant, a sentence; "": it has any
	build      func(warn func(problem string)) (entra.Credential, diag.Diagnostics)
}

// A signIn is a credential with the places of its settings.
type signIn struct {
	credential entra.Credential
	onlyTenant string // why it has one tenant, a sentence; "": it has any
	origins    origins
	warnings   *warnings
}

// origins are the places of the settings of a sign-in, in words. The zero value
// stands for unknown ones.
type origins struct {
	ownTenant string // the provider's tenant_id
	tenant    string // where that comes from; "" if the credential has its own
	region    string // a sentence about the region, for errors that a wrong one can cause
	authority string // a sentence about the address of Entra ID
	rest      string // where the client ID and the credential come from
	unused    string // a sentence about credentials that are set, but not used
	missing   string // instead of the credential, which is only the default; "" for others
}

// of returns sentences about a sign-in to a tenant, which a read can name itself.
func (o origins) of(tenant string) string {
	if o.rest == "" {
		return ""
	}
	if o.tenant == "" {
		return sentences(strings.ToUpper(o.rest[:1])+o.rest[1:]+".", o.unused)
	}
	from := "tenant_id of the read"
	if strings.EqualFold(tenant, o.ownTenant) {
		from = o.tenant
	}
	return sentences("The tenant ID comes from "+from+", "+o.rest+".", o.unused)
}

// waysToSignIn ends the text of missing settings.
const waysToSignIn = `To sign in, the provider needs the tenant ID and one of these:

- a client secret: client_id, and client_secret or client_secret_file_path
- a certificate: client_id, and client_certificate or client_certificate_path
- an OIDC token: client_id, and oidc_token, oidc_token_file_path, or oidc_request_token and oidc_request_url
- the managed identity of this computer: use_msi
- a person who signed in: refresh_token_file_path, after terraform-provider-mdatp login
- the Azure CLI: after az login, without any other of these, or with use_cli

See the guide "Signing in".`

// chooseCredential decides with which credential to sign in: the first complete one in
// the order refresh token, secret, certificate, OIDC token, managed identity, Azure CLI.
// Otherwise it returns what is missing, one text for each setting, with a fallback too.
// unused is a sentence about the others that are set. It opens no file.
func chooseCredential(s resolvedSettings) (chosen credential, unused string, missing []string) {
	secret := secretCredential(s)
	candidates := []credential{refreshCredential(s), secret, certificateCredential(s), oidcCredential(s), identityCredential(s), cliCredential(s)}
	chosenAt := slices.IndexFunc(candidates, func(c credential) bool { return c.set && len(c.problems) == 0 })
	var names []string
	for i, c := range candidates {
		if c.set && i != chosenAt {
			names = append(names, c.name)
			missing = append(missing, c.problems...)
		}
	}
	switch {
	case chosenAt >= 0 && names == nil:
		return candidates[chosenAt], "", nil
	case chosenAt >= 0:
		return candidates[chosenAt], "Set, but not used: " + strings.Join(names, ", ") + ".", nil
	case names == nil:
		missing = withoutCredential(s, secret)
		if last := candidates[len(candidates)-1]; last.fallback {
			chosen = last
		}
	}
	slices.Sort(missing)
	return chosen, "", slices.Compact(missing)
}

// otherProofs are the settings whose value is a credential, besides the client secret.
var otherProofs = []*settingRow[string]{refreshToken, clientCertificate, clientCertificatePath, oidcToken}

// withoutCredential returns what is missing if no credential is set: a secret, which is
// what most have. A variable of another credential can be set, but empty.
func withoutCredential(s resolvedSettings, secret credential) (missing []string) {
	var empty []string
	for _, row := range otherProofs {
		empty = append(empty, row.in(s).empty...)
	}
	missing = slices.Clone(secret.problems)
	last := len(missing) - 1
	missing[last] = sentences(missing[last], emptySentence(empty...))
	return missing
}

// A secret is issued to one application: it goes with the client ID of its own level
// or of the block.
func secretCredential(s resolvedSettings) credential {
	secret := clientSecret.in(s)
	c := credential{
		set:      secret.set && !withRefreshToken(s),
		name:     "the client secret from " + secret.origin,
		settings: []providerArgument{clientID, clientSecret},
		origin: func() string {
			return "the client ID from " + clientID.in(s).origin + ", the client secret from " + clientSecret.in(s).origin
		},
		build: func(func(string)) (entra.Credential, diag.Diagnostics) {
			return entra.Secret(clientSecret.in(s).value), nil
		},
	}
	if c.problems = ofApplication(s, clientSecret.label, secret); !secret.set {
		c.problems = append(c.problems, clientSecret.missing(secret))
	}
	return c
}

// A certificate is registered at one application, like a secret.
func certificateCredential(s resolvedSettings) credential {
	value, file, password := clientCertificate.in(s), clientCertificatePath.in(s), clientCertificatePassword.in(s)
	first, inFile := value, file.set && (!value.set || !value.level.before(file.level))
	if inFile {
		first = file
		first.origin = "the file that " + file.origin + " names"
	}
	first.empty = slices.Concat(value.empty, file.empty)
	withPassword := password.set && together(first.level, password.level)
	return credential{
		set:      first.set,
		problems: ofApplication(s, clientCertificate.label, first),
		name:     "the client certificate from " + first.origin,
		settings: []providerArgument{clientID},
		origin: func() string {
			text := "the client ID from " + clientID.in(s).origin + ", the client certificate from " + first.origin
			if withPassword {
				text += ", its password from " + password.origin
			}
			return text
		},
		build: func(func(string)) (c entra.Credential, d diag.Diagnostics) {
			content := []byte(value.value)
			if inFile {
				var err error
				if content, err = inputfile.Bytes(file.value, maxFile); err != nil {
					d.AddError("Unreadable file of the client certificate", unreadable(file.level.direct, err))
					return c, d
				}
				if value.set && value.level.name == file.level.name && value.value != string(content) {
					d.AddError("Conflicting client certificate", "Both "+value.origin+" and "+file.origin+" are set, and they differ. Remove one of them.")
					return c, d
				}
			}
			text := ""
			if withPassword {
				text = password.value
			}
			c, err := entra.Certificate(content, text)
			if err != nil {
				d.AddError("Invalid client certificate", "The value of "+first.origin+" cannot be used: "+err.Error()+".")
			}
			return c, d
		},
	}
}

// ofApplication returns what is wrong with the client ID for a credential that belongs
// to one application.
func ofApplication(s resolvedSettings, label string, of resolved[string]) []string {
	id := clientID.in(s)
	switch {
	case !id.set:
		return []string{clientID.missing(id)}
	case of.set && !together(id.level, of.level):
		return []string{sentences(label+": "+of.origin+" is not used with the client ID from "+id.origin+
			", as a "+label+" belongs to one application. Set both with one prefix, or one of them in the provider block.",
			emptySentence(id.empty...), emptySentence(of.empty...))}
	}
	return nil
}

// together reports whether two settings of one application may come from two levels.
func together(a, b level) bool {
	return a.name == b.name || a.name == providerBlock || b.name == providerBlock
}

// before reports whether a level takes precedence over another.
func (l level) before(other level) bool {
	return slices.Index(prefixes, l.name) < slices.Index(prefixes, other.name) // the block is in none, at -1
}

// missing returns how to set an unset setting.
func (s *settingRow[T]) missing(r resolved[T]) string {
	names, variables := []string{s.name}, []string{s.env[0]}
	if s.file != nil {
		names, variables = append(names, s.name+filePath), append(variables, s.file[0])
	}
	return sentences(s.label+": set "+strings.Join(names, " or ")+" in the provider block, or "+strings.Join(variables, " or ")+
		" in the environment.", s.missingHint, emptySentence(r.empty...))
}

func emptySentence(variables ...string) string { return setBut(variables, "empty") }

// completeSettings completes the settings for reads: it opens the files of the
// credential. Everything that is missing is one error. The SIEM API needs a region if
// one of the addresses is unset.
func completeSettings(s resolvedSettings) (in signIn, d diag.Diagnostics) {
	hint, d := readRefreshToken(s)
	if d.HasError() {
		return in, d
	}
	var missing []string
	tenant, region := tenantID.in(s), regionSetting.in(s)
	credential, unused, incomplete := chooseCredential(s)
	if !tenant.set && !credential.identity {
		missing = append(missing, tenantID.missing(tenant))
	}
	if !credential.fallback {
		missing = append(missing, incomplete...)
	}
	if apiSetting.in(s).value == siemAPI && !region.set && (!authorityHost.in(s).set || !siemEndpoint.in(s).set) {
		missing = append(missing, regionSetting.missing(region))
	}
	if len(missing) > 0 {
		d.AddError(missingSettings, listOfMissing(missing, hint))
		return in, d
	}
	for _, setting := range credential.settings {
		d.Append(setting.open(s)...)
	}
	if d.HasError() {
		return in, d
	}
	warnings := new(warnings)
	built, problems := credential.build(warnings.add)
	d.Append(problems...)
	from := origins{
		ownTenant: tenant.value, tenant: tenant.origin, rest: credential.origin(), unused: unused,
		region: regionOrigin(s), authority: addressOrigin(s, authorityHost),
	}
	if credential.identity {
		from.tenant = ""
	}
	if credential.fallback {
		from.missing = listOfMissing(incomplete, "")
	}
	return signIn{built, credential.onlyTenant, from, warnings}, d
}

const missingSettings = "Missing provider settings"

// listOfMissing is the detail of the error about missing settings. The hint is a sentence
// about what could be meant for them, or "".
func listOfMissing(settings []string, hint string) string {
	return paragraphs("The provider cannot read without these settings:", "- "+strings.Join(settings, "\n- "), hint, waysToSignIn)
}
