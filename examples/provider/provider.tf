terraform {
  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# Tenant and credentials come from the environment, to keep secrets out of the code:
#
#   MDATP_TENANT_ID      directory (tenant) whose alerts are read
#   MDATP_CLIENT_ID      application with permission to read them
#   MDATP_CLIENT_SECRET  its secret
provider "mdatp" {
  # Microsoft Graph. For the SIEM API: api = "siem", and region = "eu" or where else
  # the tenant's data is stored.
  api = "graph"
}
