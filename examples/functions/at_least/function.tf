data "mdatp_alerts" "day" {
  ago = "P1D"
}

locals {
  serious = provider::mdatp::at_least(data.mdatp_alerts.day.alerts, "High")
}

# Attackers can influence alert text, and a CI runner may obey commands in a log.
# urlencode escapes the characters of commands.
#
#   devices_to_look_at = tolist(["pc-1.contoso.com", "srv-2.contoso.com"])
output "devices_to_look_at" {
  value = distinct([for a in local.serious : urlencode(a.computer_dns_name) if a.computer_dns_name != null])
}
