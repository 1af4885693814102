# A gate: the read fails if there are alerts of severity High or above in the last
# day, except accepted ones. With api = "graph", also set
# statuses = ["new", "inProgress"], so that closing an incident does not stop it.
data "mdatp_alert_summary" "gate" {
  ago = "P1D"

  fail_on {
    severity = "High"
  }

  exclude {
    title             = "Suspicious use of a penetration testing tool"
    computer_dns_name = "redteam-1.contoso.com"
    reason            = "The red team's own computer."
    expires           = "2027-03-31T00:00:00Z"
  }

  timeouts {
    read = "10m"
  }
}

# One day of antivirus detections in two device groups. Only counts: no alert is
# stored.
data "mdatp_alert_summary" "antivirus" {
  ago            = "P1D"
  sources        = ["Antivirus"]
  machine_groups = ["Servers", "Build agents"]
}

output "antivirus" {
  value = {
    alerts       = data.mdatp_alert_summary.antivirus.alert_count
    max_severity = data.mdatp_alert_summary.antivirus.max_severity
    by_group     = data.mdatp_alert_summary.antivirus.counts_by_machine_group
    devices      = data.mdatp_alert_summary.antivirus.devices
  }
}
