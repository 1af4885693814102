# A configuration whose tests need no account. Everything that uses the provider
# mdatp is in the module defender, and tests replace that module.
#
#   terraform init
#   terraform test
#
# The tests in fake/ read from the fake server of this repository. Wait for its
# "serving" line after the first of these commands:
#
#   go run ./internal/fakeapi/cmd/fakeapi -no-window -body examples/testing/fake/detections.json > fake.env &
#   . ./fake.env
#   cd examples/testing
#   terraform init -test-directory=fake
#   terraform test -test-directory=fake

terraform {
  required_version = ">= 1.10"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# Tenant, credentials and API come from the environment, not from this file:
# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET, and MDATP_API=graph, or
# MDATP_REGION for the SIEM API.
provider "mdatp" {}

variable "gate" {
  description = "Whether the gate is evaluated. False skips it, for a destroy."
  type        = bool
  default     = true
  nullable    = false
}

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

# The module reads the API's default window, the last two hours.
module "defender" {
  source   = "./defender"
  gate     = var.gate
  statuses = var.statuses
}

module "tickets" {
  source     = "./tickets"
  alerts     = module.defender.alerts
  depends_on = [module.defender] # with the gate in it
}

output "tickets" {
  description = "The severity of each ticket's alert, by alert ID."
  value       = module.tickets.severities
}
