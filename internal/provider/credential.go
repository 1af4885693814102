package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// A credential is what a sign-in proves its identity with.
type credential struct {
	settings []providerArgument // that have it; their files are opened
	origin   func() string      // where it comes from, in words; after opening
}

// origins are the places of the settings of a sign-in, in words. The zero value
// stands for unknown ones.
type origins struct {
	ownTenant string // the provider's tenant_id
	tenant    string // where that comes from
	rest      string // where the client ID and the credential come from
}

// of returns a sentence about a sign-in to a tenant, which a read can name itself.
func (o origins) of(tenant string) string {
	if o.rest == "" {
		return ""
	}
	if from := o.tenant; from != "" && strings.EqualFold(tenant, o.ownTenant) {
		return "The tenant ID comes from " + from + ", " + o.rest + "."
	}
	return "The tenant ID comes from tenant_id of the read, " + o.rest + "."
}

// waysToSignIn ends the text of missing settings.
const waysToSignIn = "To sign in, the provider needs the tenant ID and a credential: client_id with client_secret or client_secret_file_path."

// chooseCredential decides with which credential to sign in, or returns what is
// missing for it, one text for each setting. It opens no file. A secret is issued to
// one application: it goes with the client ID of its own level or of the block.
func chooseCredential(s resolvedSettings) (c credential, missing []string) {
	id, secret := clientID.in(s), clientSecret.in(s)
	if !id.set {
		missing = append(missing, clientID.missing(id))
	}
	switch {
	case !secret.set:
		missing = append(missing, clientSecret.missing(secret))
	case id.set && !together(id.level, secret.level):
		missing = append(missing, sentences("client secret: "+secret.origin+" is not used with the client ID from "+id.origin+
			", as a secret belongs to one application. Set both with one prefix, or one of them in the provider block.",
			emptySentence(id.empty), emptySentence(secret.empty)))
	}
	return credential{
		settings: []providerArgument{clientID, clientSecret},
		origin: func() string {
			return "the client ID from " + clientID.in(s).origin + ", the client secret from " + clientSecret.in(s).origin
		},
	}, missing
}

// together reports whether a client ID and a credential of its application may come
// from two levels.
func together(id, credential level) bool {
	return id.name == credential.name || id.name == providerBlock || credential.name == providerBlock
}

// missing returns how to set an unset setting.
func (s *settingRow[T]) missing(r resolved[T]) string {
	names, variables := []string{s.name}, []string{s.env[0]}
	if s.file != nil {
		names, variables = append(names, s.name+filePath), append(variables, s.file[0])
	}
	return sentences(s.label+": set "+strings.Join(names, " or ")+" in the provider block, or "+strings.Join(variables, " or ")+
		" in the environment.", s.missingHint, emptySentence(r.empty))
}

func emptySentence(variables string) string {
	switch {
	case variables == "":
		return ""
	case strings.Contains(variables, " and "):
		return variables + " are set, but empty."
	}
	return variables + " is set, but empty."
}

// completeSettings completes the settings for reads: it opens the files of the
// credential. Everything that is missing is one error. The SIEM API needs a region if
// one of the addresses is unset.
func completeSettings(s resolvedSettings) (o origins, d diag.Diagnostics) {
	var missing []string
	tenant, region := tenantID.in(s), regionSetting.in(s)
	if !tenant.set {
		missing = append(missing, tenantID.missing(tenant))
	}
	credential, more := chooseCredential(s)
	missing = append(missing, more...)
	if apiSetting.in(s).value == siemAPI && !region.set && (!authorityHost.in(s).set || !siemEndpoint.in(s).set) {
		missing = append(missing, regionSetting.missing(region))
	}
	if len(missing) > 0 {
		d.AddError("Missing provider settings", "The provider cannot read without these settings:\n\n- "+
			strings.Join(missing, "\n- ")+"\n\n"+waysToSignIn)
		return o, d
	}
	for _, setting := range credential.settings {
		d.Append(setting.open(s)...)
	}
	return origins{ownTenant: tenant.value, tenant: tenant.origin, rest: credential.origin()}, d
}
