data "mdatp_alerts" "day" {
  ago = "P1D"
}

locals {
  # Comments have a maximum length.
  newest = slice(data.mdatp_alerts.day.alerts, 0, min(50, length(data.mdatp_alerts.day.alerts)))
}

# Attackers can influence alert text, and a CI runner may obey commands in a log.
# Sensitive outputs are not printed by plan and apply.
#
# terraform output -raw summary >> "$GITHUB_STEP_SUMMARY"
output "summary" {
  value = join("\n", [
    "## Alerts of the last day: ${data.mdatp_alerts.day.alert_count}",
    "", # a table begins after a blank line
    provider::mdatp::markdown_table(local.newest),
  ])
  sensitive = true
}
