# Reads the recent alerts and prints those five facts of each that a person
# looks at first.
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

# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION say who
# signs in and where. Nothing of that belongs in this file.
provider "mdatp" {}

data "mdatp_alerts" "recent" {
  # While var.ago is null no time argument is sent, and the API answers with its
  # own default: the last two hours.
  ago = var.ago

  limit          = var.limit
  machine_groups = var.machine_groups
  min_severity   = var.min_severity
}
