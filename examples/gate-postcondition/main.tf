# A gate: the plan fails if there are more alerts of severity High or above than
# accepted.
#
#   terraform init
#   terraform plan                        # with the fake: fails
#   terraform plan -var allowed_high=100

terraform {
  required_version = ">= 1.4"

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

variable "allowed_high" {
  description = "The number of accepted alerts of severity High or above."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.allowed_high >= 0 && floor(var.allowed_high) == var.allowed_high
    error_message = "The number of accepted alerts must be a whole number, at least 0."
  }
}

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

# The summary holds only counts: no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  # Without a time argument the API uses its own default, the last two hours.
  # Set ago to the time between two runs and a margin.

  # Do not use counts_by_severity["High"]: an unrecognized severity has its own key
  # there and would pass. min_severity keeps such alerts, so alert_count counts them.
  min_severity = "High"
  statuses     = var.statuses

  lifecycle {
    postcondition {
      condition     = self.alert_count <= var.allowed_high
      error_message = "Too many alerts of severity High or above in the last two hours: ${self.alert_count} found, ${var.allowed_high} accepted."
    }
  }
}

# Everything that the gate protects must depend on it. Otherwise Terraform could
# create this resource before a deferred gate is evaluated during the apply.
resource "terraform_data" "release" {
  input      = "Stands for resources that are deployed only if the gate passes."
  depends_on = [data.mdatp_alert_summary.gate]
}

output "serious_alerts" {
  value = data.mdatp_alert_summary.gate.alert_count
}
