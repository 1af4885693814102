# Reads the recent alerts and prints their five most important fields.
#
#   terraform init
#   terraform apply

terraform {
  required_version = ">= 1.1"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# Tenant, credentials and API come from the environment, not from this file:
# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET, and MDATP_API=graph, or
# MDATP_REGION for the SIEM API.
provider "mdatp" {}

data "mdatp_alerts" "recent" {
  # If var.ago is null, no time argument is sent, and the API uses its own default,
  # the last two hours.
  ago = var.ago

  limit          = var.limit
  machine_groups = var.machine_groups
  min_severity   = var.min_severity
}
