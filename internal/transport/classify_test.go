package transport

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
)

// TestNetworkKind has the errors of connections and handshakes that are told apart
// and that the tests of faults cannot cause everywhere.
func TestNetworkKind(t *testing.T) {
	t.Parallel()
	dial := func(errno syscall.Errno) error {
		return fmt.Errorf("wrapped: %w", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", errno)})
	}
	for name, test := range map[string]struct {
		err  error
		want Kind
	}{
		"refused":                {dial(syscall.ECONNREFUSED), Refused},
		"refused in Windows":     {dial(10061), Refused},
		"no route to the host":   {dial(syscall.EHOSTUNREACH), NoRoute},
		"no route to a network":  {dial(syscall.ENETUNREACH), NoRoute},
		"no route in Windows":    {dial(10065), NoRoute},
		"no network in Windows":  {dial(10051), NoRoute},
		"not answered":           {dial(syscall.ETIMEDOUT), Unanswered},
		"another":                {dial(syscall.EMFILE), Unreachable},
		"lookup":                 {&net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}, NotLookedUp},
		"no such host":           {&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, Unresolved},
		"expired":                {x509.CertificateInvalidError{Reason: x509.Expired}, Expired},
		"not for servers":        {x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}, Untrusted},
		"no authorities at all":  {x509.SystemRootsError{}, UnknownAuthority},
		"version of the server":  {&handshakeError{errors.New("tls: server selected unsupported protocol version 302")}, OldTLS},
		"version, by its alert":  {&handshakeError{errors.New("remote error: tls: protocol version not supported")}, OldTLS},
		"another handshake":      {&handshakeError{errors.New("tls: handshake failure")}, Untrusted},
		"not a connection error": {errors.New("text"), Broken},
	} {
		if got := networkKind(test.err); got != test.want {
			t.Errorf("networkKind(%s) = %q, want %q", name, got, test.want)
		}
	}
}
