# A gate: the read itself fails if there are more detections of severity High or
# above than accepted, in terraform plan and in terraform plan -refresh-only.
#
#   terraform init
#   terraform plan
#
# A destroy evaluates the gate too; skip it with terraform destroy -refresh=false.

terraform {
  required_version = ">= 1.4"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# Tenant, credentials and region come from the environment, not from this file:
# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION.
provider "mdatp" {}

variable "allowed_high" {
  description = "The number of accepted detections of severity High or above."
  type        = number
  default     = 0
  nullable    = false
}

variable "accepted" {
  description = "Rules for accepted alerts, with a reason and an optional expiry."
  type = list(object({
    alert_id          = optional(string)
    ioa_definition_id = optional(string)
    title             = optional(string)
    reason            = string
    expires           = optional(string)
  }))
  default  = []
  nullable = false
}

# The summary holds only counts: no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  # Without a time argument the API uses its own default, the last two hours.
  # Set ago to at least the time between two runs.

  exclude = var.accepted
  fail_on = { severity = "High", allowed = var.allowed_high }
}

# Everything that the gate protects must depend on it. Otherwise Terraform could
# create this resource before a deferred gate is evaluated during the apply.
resource "terraform_data" "release" {
  input      = "Stands for resources that are deployed only if the gate passes."
  depends_on = [data.mdatp_alert_summary.gate]
}

output "excluded" {
  description = "The number of detections that exclude removed."
  value       = data.mdatp_alert_summary.gate.excluded
}
