package provider

// The translation of errors, for the SIEM API.
var (
	Failure     = siemService.failure
	ReadFailure = siemService.readFailure
)
