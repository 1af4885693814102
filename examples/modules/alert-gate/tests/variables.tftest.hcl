mock_provider "mdatp" {
  override_data {
    target = data.mdatp_alert_summary.gate
    values = { total = 0 }
  }
}

run "refuses_an_unknown_severity" {
  command = plan

  variables {
    severity = "Critical"
  }

  expect_failures = [var.severity]
}

run "refuses_less_than_none" {
  command = plan

  variables {
    allowed = -1
  }

  expect_failures = [var.allowed]
}

run "refuses_half_an_alert" {
  command = plan

  variables {
    allowed = 0.5
  }

  expect_failures = [var.allowed]
}

run "refuses_what_is_no_duration" {
  command = plan

  variables {
    ago = "24h"
  }

  expect_failures = [var.ago]
}

run "refuses_a_rule_without_a_reason" {
  command = plan

  variables {
    exclude = [{ alert_id = "da1_1", reason = " " }]
  }

  expect_failures = [var.exclude]
}
