package fakeapi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// The steps of this file send too much. Endless ones run until the client
// disconnects, or until Close.

// Endless is an array of valid detections that never ends: a service without a
// limit, or a compromised one. It ignores WithBody.
func Endless() Step {
	return Step{run: func(e *exchange) {
		jsonResponse(http.StatusOK, nil).writeHead(e.w, -1)
		g := newGenerator(e.server.opts.Seed, 0, e.server.opts.Now())
		text := []byte{'['}
		for alert := 0; ; alert++ {
			for _, d := range g.alert(alert, g.between(newestOffset, recentOffset)) {
				text = append(shape2020.append(text, d), ',')
			}
			if _, err := e.w.Write(text); err != nil {
				panic(http.ErrAbortHandler)
			}
			text = text[:0]
		}
	}}
}

// HeaderFlood sends endless headers: an attack on clients that collect them all.
func HeaderFlood() Step {
	return flood("HTTP/1.1 200 OK\r\n", func(n int) string {
		return fmt.Sprintf("X-Flood-%08d: %s\r\n", n, strings.Repeat("f", 100))
	})
}

// InformationalFlood sends endless interim responses and never a final one.
func InformationalFlood() Step {
	return flood("", func(int) string { return "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" })
}

// flood writes first and then items until the connection fails.
func flood(first string, item func(n int) string) Step {
	return Step{run: func(e *exchange) {
		e.raw(func(w io.Writer) {
			_, err := io.WriteString(w, first)
			for n := 0; err == nil; n++ {
				_, err = io.WriteString(w, item(n))
			}
		}, Close)
	}}
}

// bigHeader is the size of BigHeader's value in bytes.
const bigHeader = 10 << 20

// BigHeader is the normal response with a header of 10 MiB: a proxy that stores its
// state in a cookie.
func BigHeader() Step {
	return Step{run: func(e *exchange) {
		e.send(e.response().with("Set-Cookie", "state="+strings.Repeat("b", bigHeader)))
	}}
}
