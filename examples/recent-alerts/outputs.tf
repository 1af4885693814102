locals {
  # Attackers can influence alert text, and a CI runner may obey commands in a log.
  # This matches the characters that such commands need, such as :: and ##.
  special = "/[^\\p{L}\\p{N} .:_-]+|::+/"
}

output "alerts" {
  description = "The detections, newest first, without special characters."
  value = [
    for a in data.mdatp_alerts.recent.alerts : {
      for name, text in {
        id       = a.alert_id
        time     = a.last_processed_time_utc
        severity = a.severity
        title    = a.alert_title
        # Detections from 2017 have no machine name.
        machine = a.machine_name != null ? a.machine_name : a.computer_dns_name
      } : name => text == null ? null : replace(text, local.special, " ")
    }
  ]
}

output "counts" {
  description = "The number of detections and of alerts. An alert consists of one or more detections."
  value = {
    detections  = data.mdatp_alerts.recent.detection_count
    alerts      = data.mdatp_alerts.recent.alert_count
    by_severity = data.mdatp_alerts.recent.counts_by_severity
  }
}

output "truncated" {
  description = "True if the API returned as many detections as limit requests: there may be more."
  value       = data.mdatp_alerts.recent.truncated
}
