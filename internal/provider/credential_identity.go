package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// identityCredential is the credential of the computer's managed identity. Only
// use_msi selects it. IDENTITY_HEADER is sent to IDENTITY_ENDPOINT alone.
func identityCredential(s resolvedSettings) credential {
	use, at := useMSI.in(s), msiEndpoint.in(s)
	name := "the managed identity by " + use.origin
	return credential{
		set: use.value, name: name, identity: true,
		onlyTenant: "A managed identity signs in to its own tenant only.",
		settings:   []providerArgument{clientID},
		origin: func() string {
			text := name
			if id := clientID.in(s); id.set {
				text += ", its client ID from " + id.origin
			}
			if at.set {
				text += ", its endpoint from " + at.origin
			}
			return text
		},
		build: func(func(string)) (c entra.Credential, d diag.Diagnostics) {
			endpoint, header := at.value, ""
			service, secret := identityEndpoint.in(s), identityHeader.in(s)
			if service.set && secret.set {
				own, err := transport.ParseLocalAddress(service.value)
				switch {
				case err != nil && !at.set:
					d.AddError("Invalid endpoint of the managed identity", "The value of "+service.origin+" cannot be used: "+err.Error()+".")
					return c, d
				case err == nil && (!at.set || *at.value == *own):
					endpoint, header = own, secret.value
				}
			}
			return entra.ManagedIdentity(endpoint, header, transport.NewLocalRoundTripper()), nil
		},
	}
}
