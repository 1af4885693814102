package fakeapi

import "net/url"

// requireOnce returns the error of the first parameter that is missing or repeated.
func requireOnce(form url.Values, names ...string) *signInError {
	for _, name := range names {
		if form.Get(name) == "" {
			return missingParameter(name)
		}
		if len(form[name]) > 1 {
			return repeatedParameter(name)
		}
	}
	return nil
}

// refuseRepeated returns the error of the first parameter that is repeated.
func refuseRepeated(form url.Values, names ...string) *signInError {
	for _, name := range names {
		if len(form[name]) > 1 {
			return repeatedParameter(name)
		}
	}
	return nil
}
