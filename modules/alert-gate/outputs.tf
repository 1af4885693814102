output "enabled" {
  description = "Whether the gate was evaluated."
  value       = var.enabled
}

output "alert_count" {
  description = "Number of alerts at the severity or above that exclude did not remove. Null if the gate is not enabled."
  value       = one(data.mdatp_alert_summary.gate[*].alert_count)
}

output "excluded" {
  description = "Number of alerts that exclude removed. Null if the gate is not enabled."
  value       = one(data.mdatp_alert_summary.gate[*].excluded)
}

output "counts_by_severity" {
  description = "The alerts of alert_count by severity. Empty if the gate is not enabled."
  value       = var.enabled ? data.mdatp_alert_summary.gate[0].counts_by_severity : {}
}
