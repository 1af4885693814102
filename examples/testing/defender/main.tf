# The boundary: the only module that uses the provider mdatp. Its output has plain
# objects with the attributes that the callers need.

terraform {
  required_version = ">= 1.10"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

variable "gate" {
  description = "Whether the gate is evaluated."
  type        = bool
  nullable    = false
}

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

# Without a time argument the API uses its own default, the last two hours.
ephemeral "mdatp_alerts" "gate" {
  count    = var.gate ? 1 : 0
  statuses = var.statuses
  fail_on {}
}

data "mdatp_alerts" "this" {
  min_severity = "Medium"
  statuses     = var.statuses
}

output "alerts" {
  value = [for a in data.mdatp_alerts.this.alerts : { id = a.alert_id, severity = a.severity }]
}
