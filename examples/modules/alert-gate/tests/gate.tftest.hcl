# The provider is mocked: each run overrides the result of the read.
mock_provider "mdatp" {}

variables {
  ago = "P1D"
}

run "passes_without_alerts" {
  command = plan

  override_data {
    target = data.mdatp_alert_summary.gate
    values = {
      alert_count        = 0
      excluded           = 0
      counts_by_severity = { Informational = 0, Low = 0, Medium = 0, High = 0 }
    }
  }

  assert {
    condition     = output.enabled && output.alert_count == 0
    error_message = "The gate was not evaluated."
  }
}

run "stops_at_one_alert" {
  command = plan

  override_data {
    target = data.mdatp_alert_summary.gate
    values = { alert_count = 1 }
  }

  expect_failures = [data.mdatp_alert_summary.gate]
}

run "passes_variables_to_the_read" {
  command = plan

  variables {
    severity       = "Medium"
    ago            = "PT6H"
    statuses       = ["new", "inProgress"]
    machine_groups = ["Servers"]
    tenant_id      = "contoso.onmicrosoft.com"
    exclude        = [{ alert_id = "da1_1", reason = "A drill." }]
  }

  override_data {
    target = data.mdatp_alert_summary.gate
    values = { alert_count = 0 }
  }

  assert {
    condition = (
      data.mdatp_alert_summary.gate[0].min_severity == "Medium" &&
      data.mdatp_alert_summary.gate[0].fail_on.severity == "Medium" &&
      data.mdatp_alert_summary.gate[0].fail_on.allowed == 0 &&
      data.mdatp_alert_summary.gate[0].ago == "PT6H" &&
      data.mdatp_alert_summary.gate[0].statuses == tolist(["new", "inProgress"]) &&
      data.mdatp_alert_summary.gate[0].machine_groups == tolist(["Servers"]) &&
      data.mdatp_alert_summary.gate[0].tenant_id == "contoso.onmicrosoft.com" &&
      data.mdatp_alert_summary.gate[0].exclude[0].alert_id == "da1_1"
    )
    error_message = "The arguments of the read differ from the variables."
  }
}

run "reads_nothing_when_disabled" {
  command = plan

  variables {
    enabled = false
  }

  assert {
    condition     = length(data.mdatp_alert_summary.gate) == 0 && output.alert_count == null && output.counts_by_severity == {}
    error_message = "The gate was evaluated."
  }
}
