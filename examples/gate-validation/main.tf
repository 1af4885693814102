# A gate at the door: the value that says what to deploy is not valid while there
# are serious alerts. Whatever uses the value waits for the gate, without
# depends_on.
#
#   terraform init
#   terraform plan -var release=v1.2.3

terraform {
  required_version = ">= 1.9"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION say who
# signs in and where. Nothing of that belongs in this file.
provider "mdatp" {}

# The summary holds counts, so that no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  # There is no time argument here, so the API answers with its own default: the
  # last two hours.

  # Never leaves out a severity that the provider does not know, so that total
  # counts it.
  min_severity = "High"
}

variable "release" {
  description = "What to deploy. Null is nothing, which always passes."
  type        = string
  default     = null

  validation {
    condition     = var.release == null ? true : data.mdatp_alert_summary.gate.total == 0
    error_message = "Nothing is released now: ${data.mdatp_alert_summary.gate.total} alerts of severity High or above in the last two hours."
  }
}

resource "terraform_data" "release" {
  count = var.release == null ? 0 : 1
  input = var.release
}
