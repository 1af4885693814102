# A gate on a variable: the release to deploy is invalid while there are serious
# alerts. All resources that use the variable wait for the gate, without depends_on.
#
#   terraform init
#   terraform plan
#   terraform plan -var release=v1.2.3  # with the fake: fails

terraform {
  required_version = ">= 1.9"

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

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

# The summary holds only counts: no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  # Without a time argument the API uses its own default, the last two hours.

  # min_severity keeps unrecognized severities, so alert_count counts them.
  min_severity = "High"
  statuses     = var.statuses
}

variable "release" {
  description = "The release to deploy. Null deploys nothing and always passes."
  type        = string
  default     = null

  validation {
    condition     = var.release == null ? true : data.mdatp_alert_summary.gate.alert_count == 0
    error_message = "Nothing is released now: ${data.mdatp_alert_summary.gate.alert_count} alerts of severity High or above in the last two hours."
  }
}

resource "terraform_data" "release" {
  count = var.release == null ? 0 : 1
  input = var.release
}
