# Only counts: no alert is stored. Without a time argument the API uses its own
# default, the last two hours.
data "mdatp_alert_summary" "recent" {}

# One day of antivirus detections in two device groups.
data "mdatp_alert_summary" "antivirus" {
  ago            = "P1D"
  sources        = ["Antivirus"]
  machine_groups = ["Servers", "Build agents"]
}

output "recent" {
  value = {
    alerts       = data.mdatp_alert_summary.recent.alert_count
    max_severity = data.mdatp_alert_summary.recent.max_severity
    by_severity  = data.mdatp_alert_summary.recent.counts_by_severity
    devices      = data.mdatp_alert_summary.recent.devices
  }
}

output "antivirus" {
  value = data.mdatp_alert_summary.antivirus.counts_by_machine_group
}
