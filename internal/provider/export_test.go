package provider

// Failure makes the diagnostic of an error.
var Failure = failure
