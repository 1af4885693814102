package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// An argument is a setting of the provider block. Schema, validation,
// environment and documentation come from its row in the table below.
type argument struct {
	name        string
	label       string // in titles of diagnostics
	env         []string
	file        []string // environment variables of name_file_path, if that exists
	sensitive   bool
	number      bool
	check       check // nil: any text
	description string
}

// The arguments, by name.
const (
	tenantID       = "tenant_id"
	clientID       = "client_id"
	clientSecret   = "client_secret"
	apiName        = "api"
	regionName     = "region"
	authorityHost  = "authority_host"
	siemEndpoint   = "siem_endpoint"
	siemResource   = "siem_resource"
	maxAttempts    = "max_attempts"
	attemptTimeout = "attempt_timeout"
	readTimeout    = "timeout"
	maxResponseMiB = "max_response_mib"
)

var arguments = []argument{
	{name: tenantID, label: "tenant ID", check: isTenant,
		env:         []string{"MDATP_TENANT_ID", "ARM_TENANT_ID", "AZURE_TENANT_ID"},
		description: "Directory (tenant) to sign in to: a GUID or a verified domain."},
	{name: clientID, label: "client ID", check: isGUID,
		env:         []string{"MDATP_CLIENT_ID", "ARM_CLIENT_ID", "AZURE_CLIENT_ID"},
		file:        []string{"MDATP_CLIENT_ID_FILE_PATH", "ARM_CLIENT_ID_FILE_PATH"},
		description: "Application (client) ID, a GUID."},
	{name: clientSecret, label: "client secret", sensitive: true, check: isSecret,
		env:         []string{"MDATP_CLIENT_SECRET", "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"},
		file:        []string{"MDATP_CLIENT_SECRET_FILE_PATH", "ARM_CLIENT_SECRET_FILE_PATH"},
		description: "Secret of the application: its value, not its ID."},
	{name: apiName, label: "API", check: isAPI,
		env:         []string{"MDATP_API"},
		description: "API to read alerts from. `siem`, the default, is the only one in this version."},
	{name: regionName, label: "region", check: isRegion,
		env: []string{"MDATP_REGION"},
		description: "Where the tenant's data is kept, chosen when it was onboarded: " + regionList() + ". " +
			"Required unless both `siem_endpoint` and `authority_host` are set."},
	{name: authorityHost, label: "authority host", check: isAddress,
		env:         []string{"MDATP_AUTHORITY_HOST", "ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST"},
		description: "Base URL of Microsoft Entra ID. Default: the one of the region's cloud."},
	{name: siemEndpoint, label: "SIEM endpoint", check: isAddress,
		env:         []string{"MDATP_SIEM_ENDPOINT"},
		description: "Base URL of the SIEM API, with or without `/api/alerts`. Default: the one of the region."},
	{name: siemResource, label: "SIEM resource", check: isResource,
		env:         []string{"MDATP_SIEM_RESOURCE"},
		description: "Resource (audience) that tokens for the SIEM API are requested for. Default `" + defaultResource + "`."},
	{name: maxAttempts, label: "number of attempts", number: true, check: isAttempts,
		env:         []string{"MDATP_MAX_ATTEMPTS"},
		description: "How often a request that failed for a passing reason is sent, from 1 to 20. Default 4."},
	{name: attemptTimeout, label: "attempt timeout", check: isTimeout,
		env:         []string{"MDATP_ATTEMPT_TIMEOUT"},
		description: "Time for one request and the whole of its reply, such as `60s`, the default."},
	{name: readTimeout, label: "timeout", check: isTimeout,
		env:         []string{"MDATP_TIMEOUT"},
		description: "Time for a whole read with its sign-in and all attempts, such as `5m`, the default."},
	{name: maxResponseMiB, label: "response limit", number: true, check: isResponseMiB,
		env:         []string{"MDATP_MAX_RESPONSE_MIB"},
		description: "Size in MiB, after decompression, from which on a reply is refused, from 1 to 4096. Default 256."},
}

const filePath = "_file_path"

// argumentAttributes is the schema of the provider block.
func argumentAttributes() map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute)
	for _, a := range arguments {
		attributes[a.name] = a.attribute()
		if a.file != nil {
			attributes[a.name+filePath] = schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{text("file of the "+a.label, isNotBlank)},
				MarkdownDescription: "File that holds `" + a.name + "`. White space around its content is ignored. " + fromEnvironment(a.file),
			}
		}
	}
	return attributes
}

func (a argument) attribute() schema.Attribute {
	description := a.description + " " + fromEnvironment(a.env)
	if a.number {
		return schema.NumberAttribute{
			Optional:            true,
			Validators:          []validator.Number{wholeNumber(a.label, a.check)},
			MarkdownDescription: description,
		}
	}
	return schema.StringAttribute{
		Optional:            true,
		Sensitive:           a.sensitive,
		Validators:          []validator.String{text(a.label, a.check)},
		MarkdownDescription: description,
	}
}

func fromEnvironment(variables []string) string {
	return "Environment: `" + strings.Join(variables, "`, `") + "`."
}
