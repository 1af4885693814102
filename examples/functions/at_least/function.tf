data "mdatp_alerts" "day" {
  ago = "P1D"
}

locals {
  serious = provider::mdatp::at_least(data.mdatp_alerts.day.alerts, "High")
}

output "devices_to_look_at" {
  value = distinct([for a in local.serious : a.computer_dns_name if a.computer_dns_name != null])
}
