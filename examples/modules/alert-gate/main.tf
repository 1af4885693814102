# The summary holds only counts: no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  count = var.enabled ? 1 : 0

  # If var.ago is null, no time argument is sent, and the API uses its own default,
  # the last two hours.
  ago            = var.ago
  machine_groups = var.machine_groups
  tenant_id      = var.tenant_id

  # min_severity keeps unrecognized severities, so total counts them.
  min_severity = var.severity
  exclude      = var.exclude

  # fail_on fails the read itself, also in a plan with -refresh-only, where a
  # postcondition only warns.
  fail_on = { severity = var.severity, allowed = var.allowed }

  lifecycle {
    # A mocked provider does not evaluate fail_on. This condition does, in the tests
    # of modules that call this one.
    postcondition {
      condition     = self.total <= var.allowed
      error_message = "${self.total} detections of severity ${var.severity} or above, ${var.allowed} accepted."
    }
  }
}
