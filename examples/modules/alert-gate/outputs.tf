output "enabled" {
  description = "Whether the gate was evaluated."
  value       = var.enabled
}

output "total" {
  description = "Number of detections at the severity or above that exclude did not remove. Null if the gate is not enabled."
  value       = one(data.mdatp_alert_summary.gate[*].total)
}

output "excluded" {
  description = "Number of detections that exclude removed. Null if the gate is not enabled."
  value       = one(data.mdatp_alert_summary.gate[*].excluded)
}

output "counts_by_severity" {
  description = "The detections of total by severity. Empty if the gate is not enabled."
  value       = var.enabled ? data.mdatp_alert_summary.gate[0].counts_by_severity : {}
}
