# The whole configuration, without the module that reads. The provider is the real
# one with invented settings, and sends no request.
provider "mdatp" {
  tenant_id     = "00000000-0000-0000-0000-000000000000"
  client_id     = "00000000-0000-0000-0000-000000000000"
  client_secret = "unused"
  region        = "eu"
}

run "opens_a_ticket" {
  # Inside the run: OpenTofu 1.12 applies an override_module of one file to the
  # files after it, too.
  override_module {
    target = module.defender
    outputs = {
      alerts = [{ id = "da1_1", severity = "High" }]
    }
  }

  assert {
    condition     = output.tickets == { da1_1 = "High" }
    error_message = "The tickets differ from the alerts."
  }
}
