data "mdatp_alerts" "day" {
  ago = "P1D"
}

# Attackers can influence alert text, and a CI runner may obey commands in a log.
# Sensitive outputs are not printed by plan and apply.

# terraform output -raw all_columns > alerts.csv
output "all_columns" {
  value     = provider::mdatp::csvencode(data.mdatp_alerts.day.alerts)
  sensitive = true
}

# Selected columns with custom names.
output "some_columns" {
  value = provider::mdatp::csvencode([for a in data.mdatp_alerts.day.alerts : {
    device   = a.computer_dns_name
    severity = a.severity
    time     = a.last_processed_time_utc
    title    = a.alert_title
    users    = a.log_on_users
  }])
  sensitive = true
}
