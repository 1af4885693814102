output "alerts" {
  description = "The alerts, newest first."
  value = [
    for a in data.mdatp_alerts.recent.alerts : {
      id       = a.alert_id
      time     = a.last_processed_time_utc
      severity = a.severity
      title    = a.alert_title
      # Records in the shape of 2017 have no machine name.
      machine = a.machine_name != null ? a.machine_name : a.computer_dns_name
    }
  ]
}

output "counts" {
  description = "What they add up to. The API returns raw detections, so there can be more of them than alerts."
  value = {
    detections  = data.mdatp_alerts.recent.total
    alerts      = data.mdatp_alerts.recent.distinct_alerts
    by_severity = data.mdatp_alerts.recent.counts_by_severity
  }
}

output "truncated" {
  description = "True when as many came as limit asks for: there may be more."
  value       = data.mdatp_alerts.recent.truncated
}
