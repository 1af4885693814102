package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// A hostileServer is a service that returns the same alerts to every request, perhaps
// after another first response, and a token to those for one.
type hostileServer struct {
	first    string       // in place of body in the first response with alerts; "": body too
	body     string       // with sliceStart where the start of the slice goes
	requests atomic.Int32 // for alerts
	address  string
	stop     func()
}

func serve(ctx context.Context) (*hostileServer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &hostileServer{address: "http://" + listener.Addr().String()}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.stop = func() { _ = server.Close() }
	go func() { _ = server.Serve(listener) }() // until stop
	return s, nil
}

func (s *hostileServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/token") {
		_, _ = io.WriteString(w, `{"token_type":"Bearer","expires_in":3600,"access_token":"token"}`)
		return
	}
	if s.requests.Add(1) == 1 && s.first != "" {
		_, _ = io.WriteString(w, s.first)
		return
	}
	_, from, _ := strings.Cut(r.URL.Query().Get("$filter"), "lastUpdateDateTime ge ")
	from, _, _ = strings.Cut(from, " ")
	_, _ = strings.NewReplacer(sliceStart, from).WriteString(w, s.body)
}

// sliceStart stands for the start of a slice, which a request has in its filter.
const sliceStart = "SLICE START"

// settings returns the environment of a provider that reads from the server.
func (s *hostileServer) settings(api string) []string {
	if api == inSlices {
		api = "graph"
	}
	return []string{
		"MDATP_API=" + api, "MDATP_AUTHORITY_HOST=" + s.address, "MDATP_SIEM_ENDPOINT=" + s.address, "MDATP_GRAPH_ENDPOINT=" + s.address,
		"MDATP_TENANT_ID=8f6f7d43-1d5c-4b05-9d6c-0a4c8f0a2b11", "MDATP_CLIENT_ID=3d1c2a52-6d0c-4e0f-8a63-0c6f0ac7a9d4", "MDATP_CLIENT_SECRET=secret",
	}
}
