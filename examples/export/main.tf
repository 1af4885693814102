# Exports alerts as files: all fields as JSON and CSV, and a Markdown table for a
# pull request or a job summary.
#
#   terraform init
#   terraform apply
#   terraform output -raw json > alerts.json
#   terraform output -raw csv > alerts.csv
#   terraform output -raw markdown > alerts.md
#
# Alerts contain names of users and devices. The state has the same content as the
# files: restrict access to it in the same way, or delete it with the files.

terraform {
  required_version = ">= 1.8"

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

variable "ago" {
  description = "The window before now, as an ISO 8601 duration such as P1D. Null is the API's own default, two hours."
  type        = string
  default     = null
}

variable "rows" {
  description = "The maximum number of rows in the Markdown table, the most severe first."
  type        = number
  default     = 100
  nullable    = false
}

variable "delimiter" {
  description = "What separates the cells of the CSV: a semicolon where Excel takes a comma for the decimal separator."
  type        = string
  default     = ","
  nullable    = false
}

variable "bom" {
  description = "Whether the CSV begins with a byte order mark, without which Excel takes UTF-8 for another encoding."
  type        = bool
  default     = false
  nullable    = false
}

data "mdatp_alerts" "this" {
  # If var.ago is null, no time argument is sent, and the API uses its own default,
  # the last two hours.
  ago = var.ago
}

locals {
  alerts = data.mdatp_alerts.this.alerts
}

# Attackers write alert text. Sensitive outputs do not appear in the log of an apply;
# terraform output -raw still prints them.

output "json" {
  description = "The alerts as JSON."
  value       = jsonencode(local.alerts)
  sensitive   = true
}

output "csv" {
  description = "The alerts as CSV. Text that a spreadsheet would evaluate as a formula is prefixed with '."
  value       = provider::mdatp::csvencode(local.alerts, { delimiter = var.delimiter, bom = var.bom })
  sensitive   = true
}

output "markdown" {
  description = "The most severe alerts as a table. Its last line counts those that it lacks."
  value       = provider::mdatp::markdown_table(local.alerts, { max_rows = var.rows })
  sensitive   = true
}
