# A gate: the read itself fails while there are more serious alerts than
# accepted. It holds in terraform plan and terraform plan -refresh-only.
#
#   terraform init
#   terraform plan
#
# A destroy reads as well: terraform destroy -refresh=false goes past the gate.

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
  description = "How many alerts of severity High or above are accepted."
  type        = number
  default     = 0
  nullable    = false
}

variable "accepted" {
  description = "Alerts that are accepted by name: which, why, and until when."
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

# The summary holds counts, so that no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  # There is no time argument here, so the API answers with its own default: the
  # last two hours. Set ago to look further back, at least as far as the time
  # between two runs.

  exclude = var.accepted
  fail_on = { severity = "High", allowed = var.allowed_high }
}

# What the gate protects depends on it. Otherwise Terraform could go ahead with
# this part when the gate is evaluated in the middle of an apply.
resource "terraform_data" "release" {
  input      = "Stands for what is deployed only when the gate lets it pass."
  depends_on = [data.mdatp_alert_summary.gate]
}

output "excluded" {
  description = "How many alerts were left out because they are accepted."
  value       = data.mdatp_alert_summary.gate.excluded
}
