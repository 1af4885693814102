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

# For Excel where a comma is the decimal separator:
#
#   severity;alert_title;computer_dns_name;log_on_users
#   High;Suspicious PowerShell command line;pc-1.contoso.com;"CONTOSO\jdoe;CONTOSO\admin"
#   Low;'=HYPERLINK(A1);pc-2.contoso.com;
output "some_columns" {
  value = provider::mdatp::csvencode(data.mdatp_alerts.day.alerts, {
    columns   = ["severity", "alert_title", "computer_dns_name", "log_on_users"]
    delimiter = ";"
    bom       = true
  })
  sensitive = true
}

# Columns with other names, sorted by name unless columns is set.
output "renamed_columns" {
  value = provider::mdatp::csvencode([for a in data.mdatp_alerts.day.alerts : {
    device = a.computer_dns_name
    title  = a.alert_title
    when   = a.last_processed_time_utc
  }], { columns = ["when", "device", "title"] })
  sensitive = true
}
