output "enabled" {
  description = "Whether alerts were looked at."
  value       = var.enabled
}

output "total" {
  description = "Alerts at the severity or above that are left and accepted. Null when the gate is not enabled."
  value       = one(data.mdatp_alert_summary.gate[*].total)
}

output "excluded" {
  description = "Alerts that exclude left out. Null when the gate is not enabled."
  value       = one(data.mdatp_alert_summary.gate[*].excluded)
}

output "counts_by_severity" {
  description = "The alerts of total by severity. Empty when the gate is not enabled."
  value       = var.enabled ? data.mdatp_alert_summary.gate[0].counts_by_severity : {}
}
