package fakeapi

import (
	"fmt"
	"net/http"
)

// The errors of the authorization endpoints. Their status is that of a page; a
// redirect has its own.

func noRedirectAddress() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_request", code: 900971,
		text: "No reply address provided."}
}

// unknownRedirectAddress does not name the address, unlike Entra ID.
func unknownRedirectAddress(clientID string) *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_request", code: 50011,
		text: fmt.Sprintf("The redirect URI specified in the request does not match the redirect URIs configured for "+
			"the application '%s'.", clientID)}
}

func unsupportedResponseType() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "unsupported_response_type", code: 70005,
		text: "The app requested an unsupported response type. The fake supports 'code'."}
}

func unsupportedResponseMode() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_request", code: 70007,
		text: "The app requested an unsupported response mode. The fake supports 'query'."}
}

func wrongChallengeMethod() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_request", code: 50149,
		text: "Invalid Code_Challenge_method parameter. The fake supports 'S256'."}
}

func wrongChallengeSize() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_request", code: 501491,
		text: "Invalid size of Code_Challenge parameter."}
}

func consentRefused() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "access_denied", code: 65004,
		text: "User declined to consent to access the app."}
}
