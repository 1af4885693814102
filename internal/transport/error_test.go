package transport

import (
	"net/http"
	"testing"
)

func TestRequestIDIsAGUID(t *testing.T) {
	t.Parallel()
	const id, other = "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316", "E81F2D07-54AB-4C36-B9E0-6F13A8752C4D"
	for name, test := range map[string]struct {
		header map[string]string
		want   string
	}{
		"none":           {nil, ""},
		"request-id":     {map[string]string{"request-id": id}, id},
		"upper case":     {map[string]string{"x-ms-request-id": other}, other},
		"client's":       {map[string]string{"client-request-id": id}, id},
		"the first":      {map[string]string{"request-id": id, "x-ms-request-id": other}, id},
		"the first good": {map[string]string{"request-id": "<script>", "x-ms-request-id": other}, other},
		"braces":         {map[string]string{"request-id": "{" + id + "}"}, ""},
		"line break":     {map[string]string{"request-id": id + "\n::error::x"}, ""},
		"last newline":   {map[string]string{"request-id": id + "\n"}, ""},
		"too long":       {map[string]string{"request-id": id + "0"}, ""},
		"no hex":         {map[string]string{"request-id": "g" + id[1:]}, ""},
		"text":           {map[string]string{"request-id": "token=abc"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			for key, value := range test.header {
				header.Set(key, value)
			}
			if got := requestID(header); got != test.want {
				t.Errorf("requestID(%v) = %q, want %q", header, got, test.want)
			}
		})
	}
}

func TestTransient(t *testing.T) {
	t.Parallel()
	retried := map[Kind]bool{NotLookedUp: true, Refused: true, Unanswered: true, NoRoute: true, Unreachable: true, Proxy: true, Broken: true, Stalled: true}
	for _, kind := range []Kind{
		Invalid, Unresolved, NotLookedUp, Refused, Unanswered, NoRoute, Unreachable, Expired, UnknownAuthority, WrongName, OldTLS, Untrusted,
		Proxy, ProxyRefused, Broken, Stalled, OutOfTime, Redirected,
		Status, WaitTooLong, MediaType, Encoding, Partial, TooLarge, NotUTF8, Unread, Headers,
	} {
		if e := (&Error{Kind: kind, Status: http.StatusOK}); e.Transient() != retried[kind] {
			t.Errorf("Transient() of %s = %t, want %t", kind, e.Transient(), retried[kind])
		}
	}
	for status := 100; status < 600; status++ {
		want := status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504
		if e := (&Error{Kind: Status, Status: status}); e.Transient() != want {
			t.Errorf("Transient() of status %d = %t, want %t", status, e.Transient(), want)
		}
	}
}

func TestIsGUID(t *testing.T) {
	t.Parallel()
	const id = "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316"
	for text, want := range map[string]bool{
		id: true, "3B0C6A52-9D41-4F7E-8A15-C27E90D4F316": true, "": false, "{" + id + "}": false, id + "\n": false, "\n" + id: false,
		id + "0": false, id[1:]: false, "3b0c6a529d414f7e8a15c27e90d4f316": false, "g" + id[1:]: false,
	} {
		if got := IsGUID(text); got != want {
			t.Errorf("IsGUID(%q) = %t, want %t", text, got, want)
		}
	}
}
