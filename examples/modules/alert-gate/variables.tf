variable "enabled" {
  description = "Whether the gate is evaluated. False reads nothing and always passes: for a destroy, or to deploy despite alerts."
  type        = bool
  default     = true
  nullable    = false
}

variable "severity" {
  description = "The lowest severity that counts. Detections with an unrecognized severity always count."
  type        = string
  default     = "High"
  nullable    = false

  validation {
    condition     = contains(["Informational", "Low", "Medium", "High"], var.severity)
    error_message = "The severity must be Informational, Low, Medium or High."
  }
}

variable "allowed" {
  description = "The number of such detections that are accepted."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.allowed >= 0 && floor(var.allowed) == var.allowed
    error_message = "The number of accepted detections must be a whole number, at least 0."
  }
}

variable "ago" {
  description = "The window before now, as an ISO 8601 duration such as PT6H or P1D: at least the time between two runs. Null is the API's own default, two hours."
  type        = string
  default     = null

  validation {
    condition     = var.ago == null || can(regex("^P[0-9.DHMSTW]*[0-9][DHMSW]$", var.ago))
    error_message = "The value of ago must be an ISO 8601 duration, for instance P1D."
  }
}

variable "machine_groups" {
  description = "Device groups to read. An empty list reads all."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "tenant_id" {
  description = "The tenant to read: a GUID or a verified domain. Null is the provider's."
  type        = string
  default     = null
}

variable "exclude" {
  description = "Rules for accepted alerts. Each sets at least one of alert_id, ioa_definition_id and title, a reason, and optionally an expiry as an RFC 3339 time."
  type = list(object({
    alert_id          = optional(string)
    ioa_definition_id = optional(string)
    title             = optional(string)
    reason            = string
    expires           = optional(string)
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for rule in var.exclude : length(trimspace(rule.reason)) > 0])
    error_message = "Each accepted alert needs a reason."
  }
}
