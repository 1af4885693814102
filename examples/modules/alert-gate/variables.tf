variable "enabled" {
  description = "Whether the gate is evaluated. False reads nothing and always passes: for a destroy, or to deploy despite alerts."
  type        = bool
  default     = true
  nullable    = false
}

variable "severity" {
  description = "The lowest severity that counts. Alerts with an unrecognized severity always count."
  type        = string
  default     = "High"
  nullable    = false

  validation {
    condition     = contains(["informational", "low", "medium", "high"], lower(var.severity))
    error_message = "The severity must be Informational, Low, Medium or High."
  }
}

variable "allowed" {
  description = "The number of such alerts that are accepted."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.allowed >= 0 && floor(var.allowed) == var.allowed
    error_message = "The number of accepted alerts must be a whole number, at least 0."
  }
}

variable "ago" {
  description = "The window before now, as an ISO 8601 duration such as PT6H or P1D: the time between two runs and a margin. Required, because the API's own default, the last two hours, would miss older alerts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^P[0-9.DHMSTW]*[0-9][DHMSW]$", var.ago))
    error_message = "The value of ago must be an ISO 8601 duration, for instance P1D."
  }
}

variable "machine_groups" {
  description = "Device groups to read. An empty list reads all."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "statuses" {
  description = "The statuses that count. With api = \"graph\": [\"new\", \"inProgress\"], so that closing an incident does not stop the pipeline. Null with the SIEM API."
  type        = list(string)
  default     = null
}

variable "tenant_id" {
  description = "The tenant to read: a GUID or a verified domain. Null is the provider's."
  type        = string
  default     = null
}

variable "exclude" {
  description = "Rules for accepted alerts. Each sets at least one of alert_id, ioa_definition_id, title, computer_dns_name and machine_group, a reason, and optionally an expiry (expires) as an RFC 3339 time."

  # A map keeps unknown names, and the validation rejects them. An object type would
  # drop a misspelt name silently, and the rule would match more alerts.
  type     = list(map(string))
  default  = []
  nullable = false

  validation {
    condition = alltrue([for rule in var.exclude : length(setsubtract(keys(rule),
    ["alert_id", "ioa_definition_id", "title", "computer_dns_name", "machine_group", "reason", "expires"])) == 0])
    error_message = "A rule has a name that exclude does not have: it has alert_id, ioa_definition_id, title, computer_dns_name, machine_group, reason and expires."
  }

  validation {
    condition     = alltrue([for rule in var.exclude : try(length(trimspace(rule.reason)) > 0, false)])
    error_message = "Each accepted alert needs a reason."
  }
}
