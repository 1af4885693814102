output "alerts" {
  description = "The detections, newest first."
  value = [
    for a in data.mdatp_alerts.recent.alerts : {
      id       = a.alert_id
      time     = a.last_processed_time_utc
      severity = a.severity
      title    = a.alert_title
      # Detections from 2017 have no machine name.
      machine = a.machine_name != null ? a.machine_name : a.computer_dns_name
    }
  ]
}

output "counts" {
  description = "The number of detections and of alerts. An alert consists of one or more detections."
  value = {
    detections  = data.mdatp_alerts.recent.total
    alerts      = data.mdatp_alerts.recent.distinct_alerts
    by_severity = data.mdatp_alerts.recent.counts_by_severity
  }
}

output "truncated" {
  description = "True if the API returned as many detections as limit requests: there may be more."
  value       = data.mdatp_alerts.recent.truncated
}
