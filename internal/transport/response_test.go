package transport

import "testing"

func TestIsJSON(t *testing.T) {
	t.Parallel()
	for media, want := range map[string]bool{
		"application/json":                                true,
		"Application/JSON":                                true,
		"application/json;charset=UTF-8":                  true,
		`application/json; charset="utf-8"`:               true,
		"application/json; odata.metadata=minimal":        true,
		"text/json":                                       true,
		"application/problem+json":                        true,
		"application/jsonp":                               false,
		"application/json-seq":                            false,
		"application/x-ndjson":                            false,
		"text/html; charset=utf-8":                        false,
		"text/plain":                                      false,
		"application/xml":                                 false,
		"image/svg+json":                                  false,
		"application/octet-stream":                        false,
		"application/json; charset=utf-16":                false,
		"application/json; charset=iso-8859-1":            false,
		"application/json; charset=":                      false,
		"application/json; charset=utf-8; charset=utf-16": false,
		"application/json, text/html":                     false,
		"json":                                            false,
		"":                                                false,
		";":                                               false,
		"application/json;;":                              false,
	} {
		if got := isJSON([]string{media}); got != want {
			t.Errorf("isJSON(%q) = %t, want %t", media, got, want)
		}
	}
	if !isJSON(nil) {
		t.Error("isJSON(nil) = false, want true")
	}
	for _, second := range []string{"application/json", "text/html"} {
		if isJSON([]string{"application/json", second}) {
			t.Errorf("isJSON(application/json, %s) = true, want false", second)
		}
	}
}
