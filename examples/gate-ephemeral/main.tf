# A gate of which nothing is stored, and the only one that is evaluated again
# when a saved plan is applied.
#
#   terraform init
#   terraform plan -out tfplan
#   terraform apply tfplan
#
# A destroy opens it too: terraform destroy -var gate=false goes past it.
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

# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION say who
# signs in and where. Nothing of that belongs in this file.
provider "mdatp" {}

variable "gate" {
  description = "Whether alerts are looked at. False lets everything pass, for a destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "ago" {
  description = "How far back to look, as an ISO 8601 duration such as P1D. Null is the API's own default, two hours."
  type        = string
  default     = null
}

variable "allowed_high" {
  description = "How many alerts of severity High or above are accepted."
  type        = number
  default     = 0
  nullable    = false
}

ephemeral "mdatp_alerts" "gate" {
  count = var.gate ? 1 : 0

  # While var.ago is null no time argument is sent, and the API answers with its
  # own default: the last two hours.
  ago     = var.ago
  fail_on = { severity = "High", allowed = var.allowed_high }
}

# An ephemeral gate stops only what depends on it. Without depends_on the apply
# of a saved plan would fail when an alert has come since, but create this first.
resource "terraform_data" "release" {
  input      = "Stands for what is deployed only when the gate lets it pass."
  depends_on = [ephemeral.mdatp_alerts.gate]
}
