package transport

// What the fault tests put in the place of the network.
var (
	NewDialer           = newDialer
	NewRoundTripperWith = newRoundTripper
)
