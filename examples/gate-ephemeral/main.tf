# A gate that stores nothing, and the only kind that is evaluated again when a
# saved plan is applied.
#
#   terraform init
#   terraform plan -out tfplan                        # with the fake: fails
#   terraform plan -out tfplan -var allowed_high=100
#   terraform apply tfplan
#
# A destroy evaluates the gate too; skip it with terraform destroy -var gate=false.
#
# Needs Terraform 1.10, or OpenTofu 1.11.

terraform {
  required_version = ">= 1.10"

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

variable "gate" {
  description = "Whether the gate is evaluated. False skips it, for a destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "ago" {
  description = "The window before now, as an ISO 8601 duration such as P1D. Null is the API's own default, two hours."
  type        = string
  default     = null
}

variable "allowed_high" {
  description = "The number of accepted alerts of severity High or above."
  type        = number
  default     = 0
  nullable    = false
}

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

ephemeral "mdatp_alerts" "gate" {
  count = var.gate ? 1 : 0

  # If var.ago is null, no time argument is sent, and the API uses its own default,
  # the last two hours.
  ago      = var.ago
  statuses = var.statuses

  fail_on {
    severity = "High"
    allowed  = var.allowed_high
  }
}

# An ephemeral gate stops only its dependents. Without depends_on, the apply of a
# saved plan would fail on a new alert, but could create this resource first.
# OpenTofu 1.12 evaluates the gate in an apply only if something that depends on it
# changes.
resource "terraform_data" "release" {
  input      = "Stands for resources that are deployed only if the gate passes."
  depends_on = [ephemeral.mdatp_alerts.gate]
}
