package login

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
)

// Options describe a sign-in. All are required, except Secret and Browser.
type Options struct {
	Application entra.Options // its Credential is not used
	Tenant      string        // GUID or verified domain
	Secret      string        // of the application; "" for a public client
	Browser     func(ctx context.Context, address string) error
	Timeout     time.Duration // of the person
	Output      io.Writer     // for the person

	// Store keeps the refresh token.
	Store func(refreshToken string) error
}

// A Problem is an error of the sign-in on this computer, in sentences for the person.
type Problem string

func (p Problem) Error() string { return string(p) }

// Cancelled is the error of a sign-in whose context ends before there is a code.
const Cancelled = Problem("The sign-in was cancelled. Nothing is stored.")

// Run signs a person in and stores the refresh token. It returns nil if and only if the
// token is stored. Its errors are [Problem] and those of package entra, package transport
// and Store.
func Run(ctx context.Context, o Options) error {
	listeners, port, err := listen(ctx)
	if err != nil {
		return err
	}
	request := entra.NewCodeRequest(o.Application, o.Tenant, o.Secret, "http://localhost:"+port)
	receiver := newReceiver(request.State())
	server := &http.Server{
		Handler: receiver, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: maxHeader,
		ErrorLog: log.New(io.Discard, "", 0), // it quotes what callers send
	}
	for _, listener := range listeners {
		go func() { _ = server.Serve(listener) }()
	}
	defer closeSoon(server)

	address := request.URL()
	fmt.Fprintf(o.Output, "Sign in at this address, in a browser on this computer:\n\n%s\n\n", address)
	if o.Browser != nil && o.Browser(ctx, address) != nil {
		fmt.Fprintln(o.Output, "No browser could be opened here. Open the address yourself.")
	}
	got, err := receiver.wait(ctx, o.Timeout)
	if err != nil {
		return err
	}
	err = o.finish(ctx, request, got)
	receiver.outcome <- outcomePage(err)
	return err
}

// maxHeader limits a callback, in bytes: anybody on this computer can send some.
const maxHeader = 64 << 10

// finish redeems the code of a callback and stores the refresh token.
func (o Options) finish(ctx context.Context, request *entra.CodeRequest, got callback) error {
	if got.code == "" {
		return request.Refusal(got.problem, got.description)
	}
	token, err := request.Redeem(ctx, got.code)
	if err != nil {
		return err
	}
	return o.Store(token)
}

func outcomePage(err error) page {
	if err != nil {
		return failed
	}
	return signedIn
}

// closeSoon closes the server when the person has the page, at most a second later: a
// browser keeps connections open that it does not use.
func closeSoon(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = server.Shutdown(ctx)
	_ = server.Close()
}
