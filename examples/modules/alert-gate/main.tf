# The summary holds only counts: no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  count = var.enabled ? 1 : 0

  ago            = var.ago
  machine_groups = var.machine_groups
  tenant_id      = var.tenant_id
  statuses       = var.statuses

  # min_severity keeps unrecognized severities, so alert_count counts them.
  min_severity = var.severity

  dynamic "exclude" {
    for_each = var.exclude
    content {
      alert_id          = lookup(exclude.value, "alert_id", null)
      ioa_definition_id = lookup(exclude.value, "ioa_definition_id", null)
      title             = lookup(exclude.value, "title", null)
      computer_dns_name = lookup(exclude.value, "computer_dns_name", null)
      machine_group     = lookup(exclude.value, "machine_group", null)
      reason            = exclude.value.reason
      expires           = lookup(exclude.value, "expires", null)
    }
  }

  # fail_on fails the read itself, also in a plan with -refresh-only, where a
  # postcondition only warns.
  fail_on {
    severity = var.severity
    allowed  = var.allowed
  }

  lifecycle {
    # A mocked provider does not evaluate fail_on. This condition does, in the tests
    # of modules that call this one.
    postcondition {
      condition     = self.alert_count <= var.allowed
      error_message = "${self.alert_count} alerts of severity ${var.severity} or above, ${var.allowed} accepted."
    }
  }
}
