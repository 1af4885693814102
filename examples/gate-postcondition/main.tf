# A gate: the plan fails while there are more serious detections than accepted.
#
#   terraform init
#   terraform plan -var allowed_high=0

terraform {
  required_version = ">= 1.4"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION say who
# signs in and where. Nothing of that belongs in this file.
provider "mdatp" {}

variable "allowed_high" {
  description = "How many detections of severity High or above are accepted. An alert consists of one or more."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.allowed_high >= 0 && floor(var.allowed_high) == var.allowed_high
    error_message = "The number of accepted detections must be a whole number, at least 0."
  }
}

# The summary holds counts, so that no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  # There is no time argument here, so the API answers with its own default: the
  # last two hours. Set ago to look further back, at least as far as the time
  # between two runs.

  # Not counts_by_severity["High"]: a severity that the provider does not know
  # has a key of its own there and would pass unseen. min_severity never leaves
  # such a detection out, so total counts it.
  min_severity = "High"

  lifecycle {
    postcondition {
      condition     = self.total <= var.allowed_high
      error_message = "Too many detections of severity High or above in the last two hours: ${self.total} found, ${var.allowed_high} accepted."
    }
  }
}

# What the gate protects depends on it. Otherwise Terraform could go ahead with
# this part when the gate is evaluated in the middle of an apply.
resource "terraform_data" "release" {
  input      = "Stands for what is deployed only when the gate lets it pass."
  depends_on = [data.mdatp_alert_summary.gate]
}

output "serious_detections" {
  value = data.mdatp_alert_summary.gate.total
}
