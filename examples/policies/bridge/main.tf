# For policy engines that see only resource_changes, and so no data source. A
# terraform_data copies the counts and the verdict of a read there, and bridge.rego
# checks them. If your engine sees the whole plan, use ../opa instead.
#
#   terraform init
#   terraform plan -out tfplan                        # with the fake: fails
#   terraform plan -out tfplan -var allowed_high=100
#   terraform show -json tfplan > plan.json
#
# If the counts change, the plan has a change. If not, it lists the resource with the
# action "no-op". For an engine that does not see "no-op", set every_plan: then every
# apply replaces the resource.
#
# Without a time argument the API uses its own default, the last two hours.

terraform {
  required_version = ">= 1.5"

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
  description = "Number of alerts of severity High or above that the read accepts. The policy has its own limit."
  type        = number
  default     = 0
  nullable    = false
}

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

variable "every_plan" {
  description = "Whether every plan has a change that contains the counts."
  type        = bool
  default     = false
  nullable    = false
}

data "mdatp_alert_summary" "gate" {
  statuses = var.statuses

  fail_on {
    allowed = var.allowed_high
  }
}

resource "terraform_data" "alert_gate" {
  input = {
    counts_by_severity = data.mdatp_alert_summary.gate.counts_by_severity
    verdict            = data.mdatp_alert_summary.gate.verdict
  }

  triggers_replace = var.every_plan ? plantimestamp() : null
}
