# For managed security providers: one application reads the alerts of several
# customers' tenants. A failed read of one tenant fails the plan, so no customer is
# missed silently. The guide "Many tenants" has consent, limits, and a job per customer.
#
#   terraform init
#   terraform apply -var "tenants={\"own\":\"$MDATP_TENANT_ID\"}"
#   terraform apply -var 'tenants={"contoso":"contoso.onmicrosoft.com"}'  # with the fake: fails
#
# The fake has no tenant contoso.onmicrosoft.com. With its flag -tenants 200 it has
# tenant1.example to tenant200.example.

terraform {
  required_version = ">= 1.1"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# Credentials and API come from the environment: MDATP_TENANT_ID, MDATP_CLIENT_ID,
# MDATP_CLIENT_SECRET, and MDATP_API=graph, or MDATP_REGION for the SIEM API. Each
# customer has consented to this application.
provider "mdatp" {}

variable "tenants" {
  description = "Map of a name of your choice to the tenant's ID or verified domain, one per customer."
  type        = map(string)
  nullable    = false
}

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], to count open alerts only. Null with the SIEM API."
  type        = list(string)
  default     = null
}

# Without a time argument the API uses its own default, the last two hours.
data "mdatp_alert_summary" "tenant" {
  for_each  = var.tenants
  tenant_id = each.value
  statuses  = var.statuses
}

output "alerts" {
  description = "The number of each customer's alerts by severity."
  value       = { for name, summary in data.mdatp_alert_summary.tenant : name => summary.counts_by_severity }
}

output "most_severe" {
  description = "The highest severity of each customer with alerts."
  value = {
    for name, summary in data.mdatp_alert_summary.tenant :
    name => summary.max_severity if summary.max_severity != null
  }
}
