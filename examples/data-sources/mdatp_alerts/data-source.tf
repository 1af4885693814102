# Without a time argument the API uses its own default, the last two hours.
data "mdatp_alerts" "recent" {}

# The newest twenty detections of one device group since a fixed time.
data "mdatp_alerts" "servers" {
  since_time_utc = "2026-11-01T00:00:00Z"
  machine_groups = ["Servers"]
  limit          = 20
}

# A gate with the alerts at hand: the read fails if there are more than two alerts of
# severity Medium or above in the last day, except those of a drill.
data "mdatp_alerts" "gate" {
  ago = "P1D"

  fail_on {
    severity = "Medium"
    allowed  = 2
  }

  exclude {
    machine_group = "Training"
    reason        = "Drills of the blue team."
    expires       = "2027-03-31T00:00:00Z"
  }

  timeouts {
    read = "10m"
  }
}

output "files" {
  description = "Distinct SHA-1 hashes in the recent alerts, for a block list."
  value       = distinct([for a in data.mdatp_alerts.recent.alerts : a.sha1 if can(regex("^[0-9A-Fa-f]{40}$", a.sha1))])
}

# Attackers can influence alert text, and a CI runner may obey commands in a log.
# Sensitive outputs are not printed by plan and apply.
output "server_alerts" {
  description = "Titles by device. If truncated is true, there may be more."
  sensitive   = true
  value = {
    truncated = data.mdatp_alerts.servers.truncated
    titles    = { for a in data.mdatp_alerts.servers.alerts : coalesce(a.computer_dns_name, "unknown") => a.alert_title... }
  }
}
