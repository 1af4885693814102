package graph

import (
	"context"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Pacer keeps the requests of one application in one tenant below the limit of
// Microsoft's page "Microsoft Graph service-specific throttling limits": 150 in a
// minute. It lets 60 pass at once and 60 more in each minute, 120 at most in any. It is
// safe for concurrent use.
type Pacer struct{ limiter *rate.Limiter }

func newPacer() *Pacer { return &Pacer{rate.NewLimiter(1, 60)} }

// Pacers are those of one application. The zero value is ready to use, and safe for
// concurrent use.
type Pacers struct {
	mu       sync.Mutex
	byTenant map[string]*Pacer // by name in lower case
}

// Of returns the pacer of a tenant: all its reads share the limit.
func (p *Pacers) Of(tenant string) *Pacer {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := strings.ToLower(tenant)
	if p.byTenant == nil {
		p.byTenant = make(map[string]*Pacer)
	}
	if p.byTenant[key] == nil {
		p.byTenant[key] = newPacer()
	}
	return p.byTenant[key]
}

// wait returns when a request may be sent, or the context ends.
func (p *Pacer) wait(ctx context.Context) {
	reservation := p.limiter.Reserve()
	timer := time.NewTimer(reservation.Delay())
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		reservation.Cancel()
	}
}
