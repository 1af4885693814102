mock_provider "mdatp" {
  override_data {
    target = data.mdatp_alert_summary.gate
    values = { alert_count = 0 }
  }
}

variables {
  ago = "P1D"
}

run "rejects_an_unrecognized_severity" {
  command = plan

  variables {
    severity = "Critical"
  }

  expect_failures = [var.severity]
}

run "rejects_a_negative_number" {
  command = plan

  variables {
    allowed = -1
  }

  expect_failures = [var.allowed]
}

run "rejects_a_fraction" {
  command = plan

  variables {
    allowed = 0.5
  }

  expect_failures = [var.allowed]
}

run "rejects_an_invalid_duration" {
  command = plan

  variables {
    ago = "24h"
  }

  expect_failures = [var.ago]
}

run "rejects_a_rule_without_a_reason" {
  command = plan

  variables {
    exclude = [{ alert_id = "da1_1", reason = " " }]
  }

  expect_failures = [var.exclude]
}

run "rejects_a_misspelt_name_of_a_rule" {
  command = plan

  variables {
    exclude = [{ title = "A drill", device_id = "0123", reason = "A drill." }]
  }

  expect_failures = [var.exclude]
}
