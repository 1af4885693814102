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

# Without a time argument the API uses its own default, the last two hours.
ephemeral "mdatp_alerts" "gate" {
  count = var.gate ? 1 : 0
  fail_on {}
}

data "mdatp_alerts" "this" {
  min_severity = "Medium"
}

output "alerts" {
  value = [for a in data.mdatp_alerts.this.alerts : { id = a.alert_id, severity = a.severity }]
}
