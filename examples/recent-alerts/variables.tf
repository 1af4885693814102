variable "ago" {
  description = "The window before now, as an ISO 8601 duration such as PT30M or P1D. Null is the API's own default, two hours."
  type        = string
  default     = null

  validation {
    condition     = var.ago == null || can(regex("^P[0-9.DHMSTW]*[0-9][DHMSW]$", var.ago))
    error_message = "The value of ago must be an ISO 8601 duration, for instance PT30M."
  }
}

variable "limit" {
  description = "The maximum number of detections to read, newest first. Null reads all."
  type        = number
  default     = null

  validation {
    # A conditional, because older releases of Terraform evaluate both sides of ||.
    condition     = var.limit == null ? true : var.limit >= 1 && floor(var.limit) == var.limit
    error_message = "The limit must be a whole number, at least 1."
  }
}

variable "machine_groups" {
  description = "Device groups to read. An empty list reads all."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "min_severity" {
  description = "The lowest severity to keep. Detections with an unrecognized severity are always kept."
  type        = string
  default     = "Informational"
  nullable    = false

  validation {
    condition     = contains(["informational", "low", "medium", "high"], lower(var.min_severity))
    error_message = "The severity must be Informational, Low, Medium or High."
  }
}
