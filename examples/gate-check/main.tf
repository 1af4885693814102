# A warning instead of a gate: a plan and an apply warn about serious alerts and
# continue. The exit status is 0.
#
#   terraform init
#   terraform plan

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

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

# The data source is outside the check on purpose: inside, Terraform would turn a
# failed read into a warning too.
data "mdatp_alert_summary" "watch" {
  # Without a time argument the API uses its own default, the last two hours.

  # min_severity keeps unrecognized severities, so alert_count counts them.
  min_severity = "High"
  statuses     = var.statuses
}

check "no_serious_alerts" {
  assert {
    condition     = data.mdatp_alert_summary.watch.alert_count == 0
    error_message = "${data.mdatp_alert_summary.watch.alert_count} alerts of severity High or above in the last two hours, on ${data.mdatp_alert_summary.watch.devices} devices."
  }
}
