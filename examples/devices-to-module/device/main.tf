# Stands for a module of yours that isolates a device, opens a ticket or tells
# its owner. It knows nothing of Microsoft Defender.

terraform {
  required_version = ">= 1.4"
}

variable "name" {
  description = "Name of the device."
  type        = string
  nullable    = false
}

variable "alert_ids" {
  description = "Alerts seen on the device."
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
