# A gate with the reusable module examples/modules/alert-gate.
#
#   terraform init
#   terraform plan
#   terraform destroy -var gate=false

terraform {
  required_version = ">= 1.4"

  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

# MDATP_TENANT_ID, MDATP_CLIENT_ID, MDATP_CLIENT_SECRET and MDATP_REGION say who
# signs in and where. Nothing of that belongs in this file.
provider "mdatp" {}

variable "gate" {
  description = "Whether alerts are looked at. False lets everything pass, for a destroy."
  type        = bool
  default     = true
  nullable    = false
}

module "alert_gate" {
  source = "../modules/alert-gate"

  enabled = var.gate

  # Without a time argument, ago, it is the API's own default: the last two hours.
  severity = "High"
  allowed  = 0
}

# What the gate protects depends on the module.
resource "terraform_data" "release" {
  input      = "Stands for what is deployed only when the gate lets it pass."
  depends_on = [module.alert_gate]
}
