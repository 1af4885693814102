# Writes alerts to files: all fields as JSON and as CSV, and a table in Markdown for
# a pull request or a job summary.
#
#   terraform init
#   terraform apply
#   terraform output -raw json > alerts.json
#   terraform output -raw csv > alerts.csv
#   terraform output -raw markdown > alerts.md
#
# Alerts name users and devices. The state holds what the files hold: keep it where
# only those may read it who may read the files, or remove it with them.

terraform {
  required_version = ">= 1.8"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION say who
# signs in and where. Nothing of that belongs in this file.
provider "mdatp" {}

variable "ago" {
  description = "How far back to look, as an ISO 8601 duration such as P1D. Null is the API's own default, two hours."
  type        = string
  default     = null
}

variable "rows" {
  description = "How many alerts the table in Markdown has at most, the newest."
  type        = number
  default     = 100
  nullable    = false
}

data "mdatp_alerts" "this" {
  # While var.ago is null no time argument is sent, and the API answers with its
  # own default: the last two hours.
  ago = var.ago
}

locals {
  alerts = data.mdatp_alerts.this.alerts
  newest = slice(local.alerts, 0, min(var.rows, length(local.alerts)))
}

# The text of alerts is written by attackers. Sensitive outputs stay out of the log of
# an apply; terraform output -raw writes them all the same.

output "json" {
  description = "The alerts as JSON."
  value       = jsonencode(local.alerts)
  sensitive   = true
}

output "csv" {
  description = "The alerts as CSV. A text that a spreadsheet would take for a formula has a ' in front."
  value       = provider::mdatp::csvencode(local.alerts)
  sensitive   = true
}

output "markdown" {
  description = "The newest alerts as a table."
  sensitive   = true
  value       = <<-EOT
    ${provider::mdatp::markdown_table(local.newest)}
    ${length(local.newest)} of ${length(local.alerts)} alerts.
  EOT
}
