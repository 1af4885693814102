# Passes alerts to another module: an ordinary for_each creates an instance of the
# module for each device with alerts of severity High or above.
#
#   terraform init
#   terraform apply
#
# When a device's last serious alert leaves the window, the next apply destroys
# its instance.

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

data "mdatp_alerts" "serious" {
  # Without a time argument the API uses its own default, the last two hours.
  min_severity = "High"
}

locals {
  # Some detections have no device ID. They belong to the device with the same name.
  device_ids = {
    for a in data.mdatp_alerts.serious.alerts :
    a.computer_dns_name => a.device_id... if a.computer_dns_name != null && a.device_id != null
  }

  # Keys and names are printed, and a CI runner may obey commands in a log. urlencode
  # leaves ordinary IDs and names unchanged, and escapes the characters of commands.
  devices = {
    for a in data.mdatp_alerts.serious.alerts : urlencode(coalesce(
      a.device_id,
      try(local.device_ids[a.computer_dns_name][0], a.computer_dns_name),
      a.machine_name,
      "unknown",
    )) => a...
  }
}

module "device" {
  source   = "./device"
  for_each = local.devices

  name      = urlencode(coalesce(each.value[0].computer_dns_name, each.value[0].machine_name, "unknown"))
  alert_ids = distinct([for a in each.value : urlencode(a.alert_id) if a.alert_id != null])
}

output "devices" {
  description = "The outputs of the module for each device."
  value       = module.device
}
