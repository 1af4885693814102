package provider

import (
	"math/big"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A settingRow is an argument of the provider block with a value of type T. Its
// schema, validation, environment variables and documentation come from the row.
type settingRow[T any] struct {
	name        string
	label       string                      // in titles of diagnostics
	env         []string                    // environment variables; see prefixes
	file        []string                    // those of name_file_path; nil: there is no such argument
	sensitive   bool                        // hidden in output; surrounding white space is trimmed, with a warning
	parse       func(string) (T, error)     // its errors never quote the text
	number      func(*big.Float) (T, error) // converts the provider block's number; nil: it has a string
	flag        bool                        // the provider block has a boolean
	fallback    T                           // the value if the argument is unset
	missingHint string                      // the last sentence of the error about an unset one
	description string
}

// A providerArgument is a settingRow with a value of any type.
type providerArgument interface {
	addAttributes(map[string]schema.Attribute)
	variables() []string
	validate(settingInput) diag.Diagnostics
	unknown(settingInput) diag.Diagnostics
	resolveInto(resolvedSettings, settingInput) diag.Diagnostics
	open(resolvedSettings) diag.Diagnostics
}

// providerArguments are all arguments of the provider block.
var providerArguments = []providerArgument{
	tenantID, clientID, refreshToken, clientSecret, clientCertificate, clientCertificatePath, clientCertificatePassword,
	useOIDC, oidcToken, oidcRequestToken, oidcRequestURL, connectionID,
	useMSI, msiEndpoint, useCLI,
	apiSetting, regionSetting, authorityHost, siemEndpoint, siemResource, graphEndpoint,
	caCertificatePath,
	maxAttempts, attemptTimeout, readTimeout, maxResponseMiB,
}

// environmentSettings are settings without an argument.
var environmentSettings = []providerArgument{identityEndpoint, identityHeader, searchPath}

var (
	identityEndpoint = &settingRow[string]{env: []string{"IDENTITY_ENDPOINT"}, parse: parseUnchecked}
	identityHeader   = &settingRow[string]{env: []string{"IDENTITY_HEADER"}, parse: parseUnchecked}
	searchPath       = &settingRow[string]{env: []string{"PATH"}, parse: parseUnchecked} // in which az is found
)

// parseUnchecked is for variables that are checked when they are used.
func parseUnchecked(text string) (string, error) { return text, nil }

var (
	tenantID = &settingRow[string]{name: "tenant_id", label: "tenant ID", parse: parseTenant,
		env:         []string{"MDATP_TENANT_ID", "ARM_TENANT_ID", "AZURE_TENANT_ID"},
		description: "Directory (tenant) to sign in to: a GUID or a verified domain."}
	clientID = &settingRow[string]{name: "client_id", label: "client ID", parse: parseGUID,
		env:         []string{"MDATP_CLIENT_ID", "ARM_CLIENT_ID", "AZURE_CLIENT_ID"},
		file:        []string{"MDATP_CLIENT_ID_FILE_PATH", "ARM_CLIENT_ID_FILE_PATH"},
		description: "Application (client) ID, a GUID."}
	refreshToken = &settingRow[string]{name: "refresh_token", label: "refresh token", sensitive: true, parse: parseToken,
		env:  []string{"MDATP_REFRESH_TOKEN"},
		file: []string{"MDATP_REFRESH_TOKEN_FILE_PATH"},
		description: "Refresh token of a person who signed in to the application. Entra ID replaces it with each use, and only a file keeps the new one: " +
			"the command `terraform-provider-mdatp login` writes it, with the tenant ID and the client ID. The tenant is that of the sign-in: " +
			"reads cannot have another."}
	clientSecret = &settingRow[string]{name: "client_secret", label: "client secret", sensitive: true, parse: parseSecret,
		env:         []string{"MDATP_CLIENT_SECRET", "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"},
		file:        []string{"MDATP_CLIENT_SECRET_FILE_PATH", "ARM_CLIENT_SECRET_FILE_PATH"},
		description: "Secret of the application: its value, not its ID."}
	clientCertificate = &settingRow[string]{name: "client_certificate", label: "client certificate", sensitive: true, parse: parseBase64,
		env:         []string{"MDATP_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE"},
		description: "PKCS#12 file with a certificate of the application and its private key, in base64."}
	clientCertificatePath = &settingRow[string]{name: "client_certificate_path", label: "path of the client certificate", parse: parseText,
		env:         []string{"MDATP_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"},
		description: "PKCS#12 or PEM file with a certificate of the application and its private key."}
	clientCertificatePassword = &settingRow[string]{name: "client_certificate_password", label: "password of the client certificate", sensitive: true, parse: parseText,
		env:         []string{"MDATP_CLIENT_CERTIFICATE_PASSWORD", "ARM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"},
		description: "Password of the PKCS#12 file. Private keys in PEM files must not be encrypted."}
	useOIDC = &settingRow[bool]{name: "use_oidc", label: "choice of OIDC", flag: true, parse: parseFlag,
		env: []string{"MDATP_USE_OIDC", "ARM_USE_OIDC"},
		description: "Whether to sign in with an OIDC token of another issuer (workload identity federation). `false` ignores all its settings, and " +
			"`true` is needed for `AZURE_FEDERATED_TOKEN_FILE` only."}
	oidcToken = &settingRow[string]{name: "oidc_token", label: "OIDC token", sensitive: true, parse: parseToken,
		env:         []string{"MDATP_OIDC_TOKEN", "ARM_OIDC_TOKEN"},
		file:        []string{"MDATP_OIDC_TOKEN_FILE_PATH", "ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"},
		description: "OIDC token of an issuer that the application trusts. A file is read again for each sign-in."}
	oidcRequestToken = &settingRow[string]{name: "oidc_request_token", label: "OIDC request token", sensitive: true, parse: parseToken,
		env:         []string{"MDATP_OIDC_REQUEST_TOKEN", "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"},
		description: "Token with which a job in GitHub Actions or Azure Pipelines requests OIDC tokens at `oidc_request_url`."}
	oidcRequestURL = &settingRow[string]{name: "oidc_request_url", label: "OIDC request URL", parse: parseRequestURL,
		env:         []string{"MDATP_OIDC_REQUEST_URL", "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"},
		description: "Address at which to request OIDC tokens."}
	connectionID = &settingRow[string]{name: "ado_pipeline_service_connection_id", label: "service connection ID", parse: parseGUID,
		env:         []string{"MDATP_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID"},
		description: "Service connection of Azure Pipelines, a GUID. If it is set, OIDC tokens are requested from Azure DevOps, otherwise from GitHub."}
	useMSI = &settingRow[bool]{name: "use_msi", label: "choice of the managed identity", flag: true, parse: parseFlag,
		env: []string{"MDATP_USE_MSI", "ARM_USE_MSI"},
		description: "Whether to sign in with the managed identity of this computer. `client_id` names a user-assigned one. " +
			"The tenant is that of the identity: reads cannot have another."}
	msiEndpoint = &settingRow[*transport.Address]{name: "msi_endpoint", label: "endpoint of the managed identity", parse: transport.ParseLocalAddress,
		env: []string{"MDATP_MSI_ENDPOINT", "ARM_MSI_ENDPOINT"},
		description: "Address of the service that returns tokens of the managed identity, on a loopback or link-local host. Default: in App Service " +
			"`IDENTITY_ENDPOINT`, with `IDENTITY_HEADER`; otherwise that of a virtual machine."}
	useCLI = &settingRow[bool]{name: "use_cli", label: "choice of the Azure CLI", flag: true, parse: parseFlag,
		env: []string{"MDATP_USE_CLI", "ARM_USE_CLI"},
		description: "Whether to sign in as whoever is signed in to the Azure CLI: with `true` if no other credential is complete, with `false` never. " +
			"Default: if neither `client_id` nor any credential is set, and `az` is in the `PATH`."}
	apiSetting = &settingRow[api]{name: "api", label: "API", parse: parseAPI, fallback: siemAPI,
		env: []string{"MDATP_API"},
		description: "API to read alerts from: `siem`, the Microsoft Defender ATP SIEM REST API, or `graph`, its successor Microsoft Graph. " +
			"Default `siem`. Settings of the other API are ignored."}
	regionSetting = &settingRow[regionHosts]{name: "region", label: "region", parse: parseRegion,
		env: []string{"MDATP_REGION"},
		description: "Region of the tenant's data, chosen when the tenant was onboarded: " + regionNames("`") + " (case-insensitive). " +
			"Required with `siem`, unless both `siem_endpoint` and `authority_host` are set. With `graph` only `gcchigh` and `dod` change hosts; " +
			"the default is the commercial cloud.",
		missingHint: "The SIEM API has an address for each region: " + regionNames(`"`) + "; the Defender portal shows where the tenant's data is stored, under Settings > Endpoints > Data retention. " +
			`Microsoft Graph needs none: set api = "graph", or MDATP_API=graph. Most tenants can use only Graph.`}
	authorityHost = &settingRow[*transport.Address]{name: "authority_host", label: "authority host", parse: parseAuthority,
		env:         []string{"MDATP_AUTHORITY_HOST", "ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST"},
		description: "Base URL of Microsoft Entra ID. Default: that of the region's cloud."}
	siemEndpoint = &settingRow[*transport.Address]{name: "siem_endpoint", label: "SIEM endpoint", parse: transport.ParseAddress,
		env:         []string{"MDATP_SIEM_ENDPOINT"},
		description: "Base URL of the SIEM API, with or without `/api/alerts`. Default: that of the region."}
	siemResource = &settingRow[string]{name: "siem_resource", label: "SIEM resource", parse: parseResource, fallback: defaultResource,
		env:         []string{"MDATP_SIEM_RESOURCE"},
		description: "Resource (audience) of the tokens for the SIEM API. Default `" + defaultResource + "`."}
	graphEndpoint = &settingRow[*transport.Address]{name: "graph_endpoint", label: "Graph endpoint", parse: transport.ParseAddress,
		env:         []string{"MDATP_GRAPH_ENDPOINT"},
		description: "Base URL of Microsoft Graph, with or without `/v1.0`. Default: that of the region's cloud."}
	caCertificatePath = &settingRow[string]{name: "ca_certificate_path", label: "path of CA certificates", parse: parseText,
		env: []string{"MDATP_CA_CERTIFICATE_PATH"},
		description: "PEM file with certificates of authorities to trust in addition to the system's, for instance that of a proxy which " +
			"inspects TLS."}
	maxAttempts = &settingRow[int]{name: "max_attempts", label: "number of attempts", parse: wholeNumber{1, 20}.parse, number: wholeNumber{1, 20}.convert, fallback: 4,
		env:         []string{"MDATP_MAX_ATTEMPTS"},
		description: "Maximum number of attempts per request on transient errors, the first included, from 1 to 20. Default 4."}
	attemptTimeout = &settingRow[time.Duration]{name: "attempt_timeout", label: "attempt timeout", parse: parseTimeout, fallback: time.Minute,
		env:         []string{"MDATP_ATTEMPT_TIMEOUT"},
		description: "Time for one request and its complete response, such as `60s`, the default."}
	readTimeout = &settingRow[time.Duration]{name: "timeout", label: "timeout", parse: parseTimeout, fallback: 5 * time.Minute,
		env:         []string{"MDATP_TIMEOUT"},
		description: "Time for a whole read, sign-in and retries included, such as `5m`, the default."}
	maxResponseMiB = &settingRow[int]{name: "max_response_mib", label: "response limit", parse: wholeNumber{1, 4096}.parse, number: wholeNumber{1, 4096}.convert, fallback: 256,
		env:         []string{"MDATP_MAX_RESPONSE_MIB"},
		description: "Maximum response size in MiB after decompression, from 1 to 4096; larger responses are rejected. Default 256."}
)

const (
	filePath        = "_file_path"
	defaultResource = "https://graph.windows.net"
)

func (s *settingRow[T]) trimmed(value string) string {
	if s.sensitive {
		return strings.TrimSpace(value)
	}
	return value
}

// addAttributes adds the schema of the argument and of its file.
func (s *settingRow[T]) addAttributes(attributes map[string]schema.Attribute) {
	environment := func(variables []string) string { return " Environment: `" + strings.Join(variables, "`, `") + "`." }
	description := s.description + environment(s.env)
	attributes[s.name] = schema.StringAttribute{Optional: true, Sensitive: s.sensitive, MarkdownDescription: description}
	if s.number != nil {
		attributes[s.name] = schema.NumberAttribute{Optional: true, MarkdownDescription: description}
	}
	if s.flag {
		attributes[s.name] = schema.BoolAttribute{Optional: true, MarkdownDescription: description}
	}
	if s.file != nil {
		attributes[s.name+filePath] = schema.StringAttribute{Optional: true,
			MarkdownDescription: "File that contains `" + s.name + "`. A byte order mark and white space around its content are removed." + environment(s.file),
		}
	}
}
