# A gate: the read itself fails if there are more alerts of severity High or
# above than accepted, in terraform plan and in terraform plan -refresh-only.
#
#   terraform init
#   terraform plan                        # with the fake: fails
#   terraform plan -var allowed_high=100
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

# Tenant, credentials and API come from the environment, not from this file:
# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET, and MDATP_API=graph, or
# MDATP_REGION for the SIEM API.
provider "mdatp" {}

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

variable "accepted" {
  description = "Rules for accepted alerts: the arguments of exclude by name, with a reason and an optional expiry."

  # A map keeps unknown names, and the validation rejects them. An object type would
  # drop a misspelt name silently, and the rule would match more alerts.
  type     = list(map(string))
  default  = []
  nullable = false

  validation {
    condition = alltrue([for rule in var.accepted : length(setsubtract(keys(rule),
    ["alert_id", "ioa_definition_id", "title", "computer_dns_name", "machine_group", "reason", "expires"])) == 0])
    error_message = "A rule has a name that exclude does not have: it has alert_id, ioa_definition_id, title, computer_dns_name, machine_group, reason and expires."
  }
}

# The summary holds only counts: no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  # Without a time argument the API uses its own default, the last two hours.
  # Set ago to the time between two runs and a margin.

  statuses = var.statuses

  dynamic "exclude" {
    for_each = var.accepted
    content {
      alert_id          = lookup(exclude.value, "alert_id", null)
      ioa_definition_id = lookup(exclude.value, "ioa_definition_id", null)
      title             = lookup(exclude.value, "title", null)
      computer_dns_name = lookup(exclude.value, "computer_dns_name", null)
      machine_group     = lookup(exclude.value, "machine_group", null)
      reason            = exclude.value.reason
      expires           = lookup(exclude.value, "expires", null)
    }
  }

  fail_on {
    severity = "High"
    allowed  = var.allowed_high
  }
}

# Everything that the gate protects must depend on it. Otherwise Terraform could
# create this resource before a deferred gate is evaluated during the apply.
resource "terraform_data" "release" {
  input      = "Stands for resources that are deployed only if the gate passes."
  depends_on = [data.mdatp_alert_summary.gate]
}

output "excluded" {
  description = "The number of alerts that exclude removed."
  value       = data.mdatp_alert_summary.gate.excluded
}
