package transport_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// BenchmarkCancel measures the time from the cancellation of a read to its return,
// at each stage of a read. The servers are real.
func BenchmarkCancel(b *testing.B) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	reached := make(chan struct{}, 1)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/body":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "[")
			_ = http.NewResponseController(w).Flush()
		case "/back-off":
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusServiceUnavailable)
			reached <- struct{}{}
			return
		}
		reached <- struct{}{}
		<-r.Context().Done()
	})}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	silent, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = silent.Close() }()

	stages := []string{"dial", "handshake", "headers", "body", "back-off", "token"}
	for _, stage := range stages {
		b.Run(stage, func(b *testing.B) {
			dialer := transport.NewDialer()
			if stage == "dial" {
				dialer.ControlContext = func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
					reached <- struct{}{}
					<-ctx.Done()
					return ctx.Err()
				}
			}
			rt := transport.NewRoundTripperWith(dialer.DialContext)
			defer rt.CloseIdleConnections()
			o := options(rt)
			address := "http://" + listener.Addr().String() + "/" + stage
			req := transport.Request{Phase: transport.PhaseRead, Method: http.MethodGet}
			var k transport.Tokens
			switch stage {
			case "handshake":
				address = "https://" + silent.Addr().String()
			case "token":
				k = waiting{reached}
			}
			if req.URL, err = transport.ParseAddress(address); err != nil {
				b.Fatal(err)
			}
			var took []time.Duration
			for b.Loop() {
				ctx, cancel := context.WithCancel(context.Background())
				returned := make(chan time.Time, 1)
				go func() {
					_ = transport.New(o).Begin(req.URL, k, limit).Do(ctx, req, func(r *transport.Response) error {
						_, err := io.Copy(io.Discard, r.Body)
						return err
					})
					returned <- time.Now()
				}()
				if stage == "handshake" {
					conn, err := silent.Accept()
					if err != nil {
						b.Fatal(err)
					}
					defer func() { _ = conn.Close() }()
					_, _ = conn.Read(make([]byte, 1)) // of the ClientHello
				} else {
					<-reached
				}
				time.Sleep(2 * time.Millisecond) // until the read waits
				cancelled := time.Now()
				cancel()
				took = append(took, (<-returned).Sub(cancelled))
			}
			slices.Sort(took)
			at := func(share float64) float64 {
				return float64(took[int(share*float64(len(took)-1))]) / float64(time.Millisecond)
			}
			b.ReportMetric(at(0.5), "p50-ms")
			b.ReportMetric(at(0.99), "p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// waiting is a token source that never returns a token.
type waiting struct{ reached chan<- struct{} }

func (w waiting) Token(ctx context.Context) (string, error) {
	w.reached <- struct{}{}
	<-ctx.Done()
	return "", ctx.Err()
}

func (waiting) Invalidate(string) {}
