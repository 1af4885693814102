# The module alone, with plain objects.
run "opens_one_ticket_per_alert" {
  module {
    source = "./tickets"
  }

  variables {
    alerts = [
      { id = "da1_1", severity = "Medium" },
      { id = "da1_1", severity = "High" },
      { id = "da1_2", severity = "Medium" },
    ]
  }

  assert {
    condition     = output.severities == { da1_1 = "High", da1_2 = "Medium" }
    error_message = "The tickets differ from the alerts."
  }
}
