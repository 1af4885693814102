package login

import (
	"fmt"
	"net/http"
)

// A page is what the person sees in the browser. Its texts are constants.
type page struct {
	status      int
	title, text string
}

var (
	signedIn  = page{http.StatusOK, "Signed in", "The refresh token is stored. You can close this page."}
	failed    = page{http.StatusOK, "Sign-in failed", "The program that started the sign-in prints the reason. You can close this page."}
	elsewhere = page{http.StatusBadRequest, "Not this sign-in", "This address belongs to another sign-in, or to none. Open the address that the program prints."}
	repeated  = page{http.StatusBadRequest, "Already used", "The browser has been here before. You can close this page."}
	notFound  = page{http.StatusNotFound, "Not found", "There is nothing at this address."}
)

func (p page) write(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Connection", "close")
	w.WriteHeader(p.status)
	fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>%[1]s</title></head>\n"+
		"<body><h1>%[1]s</h1><p>%[2]s</p></body>\n</html>\n", p.title, p.text)
}
