# Feeds another module: each device that has alerts of severity High or above
# becomes an instance of a module, by an ordinary for_each.
#
#   terraform init
#   terraform apply
#
# Alerts come and go: when a device's last serious alert leaves the window, the
# next apply destroys its instance.

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

data "mdatp_alerts" "serious" {
  # There is no time argument here, so the API answers with its own default: the
  # last two hours.
  min_severity = "High"
}

locals {
  # By ID, or by name where a record has no ID. Several alerts of a device make
  # one element.
  devices = {
    for a in data.mdatp_alerts.serious.alerts :
    coalesce(a.device_id, a.computer_dns_name, a.machine_name, "unknown") => a...
  }
}

module "device" {
  source   = "./device"
  for_each = local.devices

  name      = coalesce(each.value[0].computer_dns_name, each.value[0].machine_name, each.key)
  alert_ids = distinct([for a in each.value : a.alert_id if a.alert_id != null])
}

output "devices" {
  description = "What the module says of each device."
  value       = module.device
}
