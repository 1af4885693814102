mock_provider "mdatp" {}

variables {
  ago     = "P1D"
  allowed = 2
}

run "passes_as_many_as_allowed" {
  command = plan

  override_data {
    target = data.mdatp_alert_summary.gate
    values = {
      alert_count        = 2
      excluded           = 1
      counts_by_severity = { Informational = 0, Low = 0, Medium = 0, High = 2 }
    }
  }

  assert {
    condition     = output.alert_count == 2 && output.excluded == 1 && output.counts_by_severity["High"] == 2
    error_message = "The outputs differ from the result of the read."
  }
}

run "stops_above_allowed" {
  command = plan

  override_data {
    target = data.mdatp_alert_summary.gate
    values = { alert_count = 3 }
  }

  expect_failures = [data.mdatp_alert_summary.gate]
}
