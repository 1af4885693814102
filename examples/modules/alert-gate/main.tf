# The summary holds counts, so that no alert is written to state or plan.
data "mdatp_alert_summary" "gate" {
  count = var.enabled ? 1 : 0

  # While var.ago is null no time argument is sent, and the API answers with its
  # own default: the last two hours.
  ago            = var.ago
  machine_groups = var.machine_groups
  tenant_id      = var.tenant_id

  # Never leaves out a severity that the provider does not know, so that total
  # counts it.
  min_severity = var.severity
  exclude      = var.exclude

  # Fails the read itself, also in a plan with -refresh-only, where a
  # postcondition only warns.
  fail_on = { severity = var.severity, allowed = var.allowed }

  lifecycle {
    # A mocked provider reads nothing, so that fail_on does not speak up. This
    # keeps the gate shut in the tests of modules that call this one.
    postcondition {
      condition     = self.total <= var.allowed
      error_message = "${self.total} alerts of severity ${var.severity} or above, ${var.allowed} accepted."
    }
  }
}
