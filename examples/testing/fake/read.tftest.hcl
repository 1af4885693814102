# The whole configuration with nothing replaced, against the fake server.
run "reads_and_passes_the_gate" {
  assert {
    condition     = output.tickets == { da1_1 = "Medium", da1_2 = "Medium" }
    error_message = "The tickets differ from the alerts of the fake."
  }
}
