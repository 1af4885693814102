variable "ago" {
  description = "How far back to look, as an ISO 8601 duration such as PT30M or P1D. Null is the API's own default, two hours."
  type        = string
  default     = null

  validation {
    condition     = var.ago == null || can(regex("^P[0-9.DHMSTW]*[0-9][DHMSW]$", var.ago))
    error_message = "The value of ago must be an ISO 8601 duration, for instance PT30M."
  }
}

variable "limit" {
  description = "Read at most this many alerts, the newest. Null is all of them."
  type        = number
  default     = null

  validation {
    # Older releases of Terraform evaluate both sides of ||, hence the ternary.
    condition     = var.limit == null ? true : var.limit >= 1 && floor(var.limit) == var.limit
    error_message = "The limit must be a whole number, at least 1."
  }
}

variable "machine_groups" {
  description = "Device groups to read. An empty list is all of them."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "min_severity" {
  description = "Leave out alerts below this severity. One that the provider does not know is never left out."
  type        = string
  default     = "Informational"
  nullable    = false

  validation {
    condition     = contains(["Informational", "Low", "Medium", "High"], var.min_severity)
    error_message = "The severity must be Informational, Low, Medium or High."
  }
}
