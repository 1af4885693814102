package provider

// The translation of errors, for each API.
var (
	Failure      = siemService.failure
	ReadFailure  = siemService.readFailure
	GraphFailure = graphService.failure
)
