package fakeapi

import "net/http"

// The errors of the grants for a person.

func clientNotAuthenticated() *signInError {
	return &signInError{status: http.StatusUnauthorized, name: "invalid_client", code: 7000218,
		text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."}
}

func secretOfPublicClient() *signInError {
	return &signInError{status: http.StatusUnauthorized, name: "invalid_client", code: 700025,
		text: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."}
}

// grantRefused returns the error of a code or a refresh token that is not accepted.
func grantRefused(code int, text string) *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_grant", code: code, text: text}
}

// grantMalformed returns the error of a code or a refresh token that was never issued.
func grantMalformed() *signInError {
	return grantRefused(9002313, "Invalid request. Request is malformed or invalid.")
}

// otherRedirectAddress does not name the addresses, unlike Entra ID.
func otherRedirectAddress() *signInError {
	return &signInError{status: http.StatusUnauthorized, name: "invalid_client", code: 500112,
		text: "The reply address does not match the reply address provided when requesting Authorization code."}
}
