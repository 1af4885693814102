package fakeapi

import (
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Path prefixes of the services.
const (
	authorityPrefix = "/entra"
	siemPrefix      = "/siem"
	graphPrefix     = "/graph"
)

// Server is a running fake. All methods may be called at any time and from any
// goroutine.
type Server struct {
	opts   Options
	origin string // scheme://host:port
	caPEM  []byte

	http     *http.Server
	served   chan struct{} // closed when the accept loop has ended
	done     chan struct{} // closed by Close, ends every waiting step
	handlers sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	hijacked map[net.Conn]struct{}
	body     []byte // set by ServeBody

	tenants  directory
	graph    graphState
	tokens   tokens
	proofs   proofs
	codes    codes
	refresh  refreshTokens
	identity identityCache
	requests recorder
	scripts  scripts
	ids      sequence
}

// Start starts a server, which serves until Close. The error says that the address
// is not loopback or cannot be bound.
func Start(o Options) (*Server, error) {
	o = o.withDefaults()
	listener, err := listenLoopback(o.Addr)
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts:     o,
		origin:   "http://" + listener.Addr().String(),
		served:   make(chan struct{}),
		done:     make(chan struct{}),
		hijacked: map[net.Conn]struct{}{},
		ids:      sequence{seed: o.Seed},
	}
	s.populate(o.TenantID, dataset{seed: o.Seed, count: o.Alerts, now: o.Now()})
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(provokedErrors{}, "fakeapi: ", log.LstdFlags),
	}
	serve := s.http.Serve
	if o.TLS {
		s.origin = "https://" + listener.Addr().String()
		if err := s.secure(); err != nil {
			_ = listener.Close()
			return nil, err
		}
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	go func() {
		defer close(s.served)
		_ = serve(listener)
	}()
	return s, nil
}

// secure sets up TLS with a self-signed certificate.
func (s *Server) secure() error {
	certificate, caPEM, err := selfSigned()
	if err != nil {
		return fmt.Errorf("fakeapi: making a certificate: %w", err)
	}
	s.caPEM = caPEM
	s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.http.Protocols = new(http.Protocols)
	s.http.Protocols.SetHTTP1(true)
	return nil
}

// Close closes the listener and every connection, and returns when all handlers
// have returned. It may be called repeatedly.
func (s *Server) Close() {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	if first {
		close(s.done)
		for conn := range s.hijacked {
			_ = conn.Close()
		}
	}
	s.mu.Unlock()

	if first {
		_ = s.http.Close()
	}
	<-s.served
	s.handlers.Wait()
}

// AuthorityHost returns the base address of the fake Entra ID, with a path prefix
// and without a trailing slash.
func (s *Server) AuthorityHost() string { return s.origin + authorityPrefix }

// SIEMEndpoint returns the base address of the fake SIEM API, with a path prefix;
// the alerts are at /api/alerts below it.
func (s *Server) SIEMEndpoint() string { return s.origin + siemPrefix }

// GraphEndpoint returns the base address of the fake Microsoft Graph, with a path
// prefix and without a version; the alerts are at /v1.0/security/alerts_v2 below it.
func (s *Server) GraphEndpoint() string { return s.origin + graphPrefix }

// CAPEM returns the certificate to trust, in PEM form; nil without Options.TLS.
func (s *Server) CAPEM() []byte { return s.caPEM }

// Env returns the provider's environment variables for this server as KEY=value,
// for os/exec.
func (s *Server) Env() []string {
	return []string{
		"MDATP_TENANT_ID=" + s.opts.TenantID,
		"MDATP_CLIENT_ID=" + s.opts.ClientID,
		"MDATP_CLIENT_SECRET=" + s.opts.ClientSecret,
		"MDATP_REGION=eu",
		"MDATP_AUTHORITY_HOST=" + s.AuthorityHost(),
		"MDATP_SIEM_ENDPOINT=" + s.SIEMEndpoint(),
		"MDATP_GRAPH_ENDPOINT=" + s.GraphEndpoint(),
	}
}
