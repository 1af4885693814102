# For managed security providers: one application reads the alerts of many
# customers' tenants. A tenant that cannot be read fails the plan, so that no
# customer is left out unseen.
#
#   terraform init
#   terraform apply -var 'tenants={"contoso":"contoso.onmicrosoft.com"}'

terraform {
  required_version = ">= 1.1"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION say who
# signs in and where. Each customer has consented to this application.
provider "mdatp" {}

variable "tenants" {
  description = "Customers: a name of your choice to the ID or a verified domain of the tenant."
  type        = map(string)
  nullable    = false
}

# Without a time argument the API answers with its own default, the last two
# hours of each tenant.
data "mdatp_alert_summary" "tenant" {
  for_each  = var.tenants
  tenant_id = each.value
}

output "alerts" {
  description = "How many alerts each customer has, by severity."
  value       = { for name, summary in data.mdatp_alert_summary.tenant : name => summary.counts_by_severity }
}

output "most_severe" {
  description = "The highest severity of each customer that has alerts."
  value = {
    for name, summary in data.mdatp_alert_summary.tenant :
    name => summary.max_severity if summary.max_severity != null
  }
}
