# Stands for your own module that isolates a device, opens a ticket or notifies
# its owner. It does not depend on Microsoft Defender.

terraform {
  required_version = ">= 1.4"
}

variable "name" {
  description = "Name of the device."
  type        = string
  nullable    = false
}

variable "alert_ids" {
  description = "IDs of the device's alerts."
  type        = list(string)
  nullable    = false
}

resource "terraform_data" "ticket" {
  input = {
    device = var.name
    alerts = var.alert_ids
  }
}

output "name" {
  value = terraform_data.ticket.input.device
}

output "alert_ids" {
  value = terraform_data.ticket.input.alerts
}
