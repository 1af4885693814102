package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
)

// signInFailure translates an error of Entra ID. If the credential was only the
// default, the error is that it has no other.
func (s service) signInFailure(e *entra.Error) diag.Diagnostic {
	if s.origins.missing != "" {
		return diag.NewErrorDiagnostic(missingSettings, s.origins.missing+"\n\nThe Azure CLI was tried. "+s.signInProblem(e))
	}
	return diag.NewErrorDiagnostic(unableToSignIn, s.signInProblem(e))
}

func (s service) signInProblem(e *entra.Error) string {
	who, from := signInSentence(e), s.origins.of(e.Tenant)
	if e.Kind == entra.BadCredential {
		return sentences(who, e.Problem, from)
	}
	if e.Kind == entra.Unusable {
		problem := "The response is not a token response."
		if e.Field != "" {
			problem = "The response has no usable " + e.Field + "."
		}
		check := checkOfToken(e.Credential)
		if e.Field == "expires_on" { // in the past, or no time at all
			check = sentences("Check this computer's clock.", check)
		}
		return sentences(who, problem, check, from, requestIDSentence(e.RequestID))
	}
	var codes []string
	if e.STS != 0 {
		codes = append(codes, fmt.Sprintf("AADSTS%d", e.STS))
	}
	if e.Code != "" {
		codes = append(codes, e.Code)
	}
	if e.Status != 0 {
		codes = append(codes, fmt.Sprintf("HTTP status %d", e.Status))
	}
	if len(codes) == 0 {
		codes = append(codes, "an error without a code")
	}
	return sentences(who, "The service responded with "+strings.Join(codes, ", ")+".", s.signInHint(e), from, requestIDSentence(e.RequestID))
}

// signInSentence says which sign-in failed. A managed identity and the user of the
// Azure CLI are not the configured application.
func signInSentence(e *entra.Error) string {
	switch {
	case e.Credential == entra.CLI:
		return fmt.Sprintf("Signing in to tenant %s with the Azure CLI failed.", e.Tenant)
	case e.Credential == entra.Identity && e.ClientID == "":
		return "Signing in with the system-assigned managed identity failed."
	case e.Credential == entra.Identity:
		return fmt.Sprintf("Signing in with the managed identity %s failed.", e.ClientID)
	}
	return fmt.Sprintf("Signing in to tenant %s as application %s with its %s failed.", e.Tenant, e.ClientID, e.Credential)
}

// checkOfToken says what to check if a response is not a token response.
func checkOfToken(credential string) string {
	switch credential {
	case entra.CLI:
		return "Check that az is the Azure CLI, in a current version."
	case entra.Identity:
		return "Check msi_endpoint."
	}
	return "Check authority_host, and whether a proxy responds in its place."
}

// signInHint returns advice for the number of an AADSTS code (Microsoft's page
// "Microsoft Entra authentication & authorization error codes").
func (s service) signInHint(e *entra.Error) string {
	switch e.STS {
	case 7000215:
		return "The client secret is wrong: check that client_secret is the secret's value, not its ID, and belongs to this application."
	case 7000222:
		return "The client secret has expired: create a new one under App registrations, Certificates & secrets."
	case 700024:
		if e.Credential == entra.OIDCToken || e.Credential == entra.OIDCTokenFile {
			return "The OIDC token has expired, or is not valid yet: set a new one."
		}
		return "The assertion is not valid at this time: check this computer's clock."
	case 70021, 700211, 700212, 700213:
		return "No federated credential of the application matches: check its issuer, subject and audience."
	case 50076, 50079, 50173, 70008, 700082:
		return "The sign-in has to be renewed: run " + renewedBy(e.Credential) + " again."
	case 65004:
		return "The person did not consent to the application's permissions: sign in again and consent, or have an administrator consent."
	case 54005:
		return "The authorization code was already used: run terraform-provider-mdatp login again."
	case 700025:
		return "The application is a public client, which must not send a secret: remove client_secret."
	case 7000112:
		return "The application is disabled in this tenant: check it under Enterprise applications."
	case 700016:
		return "The application does not exist in this tenant: check client_id and tenant_id, and that an administrator of the tenant has consented."
	case 7000229:
		return "The application has no service principal in this tenant: an administrator of the tenant must consent to it. Check tenant_id and client_id."
	case 7000218:
		if e.Credential == entra.Refresh || e.Credential == entra.AuthorizationCode {
			return "The application is not a public client: set its secret in MDATP_CLIENT_SECRET, or add the redirect URI http://localhost under Mobile and desktop applications."
		}
		return "The service found no credential in the request: check authority_host, and whether a proxy changes requests."
	case 65001:
		return "The permission was not consented to: an administrator of the tenant must consent to the application's permissions."
	case 65002:
		return "The application of the Azure CLI cannot have this permission. Sign in az as an application, or yourself with terraform-provider-mdatp login."
	case 650057:
		return "The application does not have a permission for the resource: add it under App registrations, API permissions, and have an administrator consent."
	case 500014:
		return "The resource is disabled in this tenant: check the tenant's licence, and the resource under Enterprise applications."
	case 53003, 530004:
		return "A Conditional Access policy of the tenant blocks the sign-in: check the policies for workload identities, or for users if a person signed in."
	case 700027, 1000502:
		return "The certificate of the application is not registered, expired or not valid yet: check it under App registrations, Certificates & secrets."
	case 900023:
		return "The tenant ID is neither a GUID nor a verified domain of a tenant: check tenant_id."
	case 90002, 90038, 900382, 900432:
		return sentences("The tenant does not exist in this cloud: check tenant_id and region, or authority_host.", s.origins.authority)
	case 500011, 50001, 901002:
		return sentences("The resource is unknown in this tenant: "+s.resource, s.origins.region)
	case 90033, 90055, 50196:
		return "The service asks to try again later."
	}
	if e.Credential == entra.Identity && e.STS == 0 {
		return checkIdentity
	}
	check := "check tenant_id, client_id and the " + e.Credential + "."
	switch e.Credential {
	case entra.ClientSecret:
		check = "check tenant_id, client_id and client_secret."
	case entra.Identity:
		check = "check client_id, and that the computer has this identity."
	case entra.CLI:
		check = "check tenant_id, and sign in with az login."
	case entra.Refresh:
		check = "check tenant_id and client_id, and run terraform-provider-mdatp login again."
	case entra.AuthorizationCode:
		check = "check -tenant-id and -client-id, and that the application has the redirect URI http://localhost under Mobile and desktop applications."
	}
	return "Look the code up at https://login.microsoftonline.com/error, and " + check
}

// checkIdentity says what to check if the service of the managed identity refuses.
const checkIdentity = "Check client_id, and that the computer has this identity."

// renewedBy returns the command that renews a person's sign-in.
func renewedBy(credential string) string {
	if credential == entra.CLI {
		return "az login"
	}
	return "terraform-provider-mdatp login"
}
