# A gate with the reusable module examples/modules/alert-gate.
#
#   terraform init
#   terraform plan                       # with the fake: fails
#   terraform apply -var allowed_high=100
#   terraform destroy -var gate=false

terraform {
  required_version = ">= 1.4"

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

variable "allowed_high" {
  description = "The number of accepted alerts of severity High or above."
  type        = number
  default     = 0
  nullable    = false
}

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

module "alert_gate" {
  source = "../modules/alert-gate"

  enabled = var.gate

  # At least the time between two runs. The module requires it, because the API's own
  # default is the last two hours.
  ago      = "P1D"
  statuses = var.statuses
  severity = "High"
  allowed  = var.allowed_high
}

# Everything that the gate protects must depend on the module.
resource "terraform_data" "release" {
  input      = "Stands for resources that are deployed only if the gate passes."
  depends_on = [module.alert_gate]
}
