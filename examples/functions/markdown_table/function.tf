data "mdatp_alerts" "day" {
  ago = "P1D"
}

# Attackers can influence alert text, and a CI runner may obey commands in a log.
# Sensitive outputs are not printed by plan and apply.

# terraform output -raw summary >> "$GITHUB_STEP_SUMMARY"
#
#   ## Alerts of the last day: 14
#
#   | Severity | Time | Title | Device | User | Category | Alert |
#   | --- | --- | --- | --- | --- | --- | --- |
#   | High | 2026-11-03T11:58:12Z | Suspicious PowerShell command line | `pc-1.contoso.com` | `CONTOSO\jdoe` | Execution | `da637_-1` |
#   | Low | 2026-11-03T09:12:40Z | Anomalous sign-in |  |  | InitialAccess | `da637_-2` |
#
#   and 12 more: 3 Low, 9 Informational
output "summary" {
  value = join("\n", [
    "## Alerts of the last day: ${data.mdatp_alerts.day.alert_count}",
    "", # a table begins after a blank line
    provider::mdatp::markdown_table(data.mdatp_alerts.day.alerts),
  ])
  sensitive = true
}

# The ten newest, with links to the Microsoft Defender portal.
#
#   | Time | Severity | Title | Link |
#   | --- | --- | --- | --- |
#   | 2026-11-03T11:58:12Z | High | Suspicious PowerShell command line | [Open](https://security.microsoft.com/alert/da637_-1) |
output "newest" {
  value = provider::mdatp::markdown_table(data.mdatp_alerts.day.alerts, {
    columns  = ["time", "severity", "title", "link"]
    max_rows = 10
    order    = "time"
  })
  sensitive = true
}
