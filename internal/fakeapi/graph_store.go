package fakeapi

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// graphState is the alerts of Graph, and what its requests share.
type graphState struct {
	turn sync.Mutex // held while a response is computed, and not by moves

	mu      sync.Mutex
	tenants map[string]func() []graphRecord // by tenant id in lower case
	links   map[string]struct{}             // query strings of the links in responses
	hook    func(n int)
	count   int
}

// add sets the alerts of a tenant, computed at their first use.
func (g *graphState) add(tenant string, records func() []graphRecord) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tenants == nil {
		g.tenants = map[string]func() []graphRecord{}
	}
	g.tenants[strings.ToLower(tenant)] = sync.OnceValue(records)
}

// records returns the alerts of a tenant, newest first. The slice must not be
// modified.
func (g *graphState) records(tenant string) []graphRecord {
	g.mu.Lock()
	defer g.mu.Unlock()
	if records := g.tenants[tenant]; records != nil {
		return records()
	}
	return nil
}

// startRequest calls the hook. It may call UpdateGraph, so mu is not held.
func (g *graphState) startRequest() {
	g.mu.Lock()
	g.count++
	n, hook := g.count, g.hook
	g.mu.Unlock()
	if hook != nil {
		hook(n)
	}
}

func (g *graphState) issueLink(query string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.links == nil {
		g.links = map[string]struct{}{}
	}
	g.links[query] = struct{}{}
}

func (g *graphState) issuedLink(query string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ok := g.links[query]
	return ok
}

// OnGraphRequest calls move before the response to each Graph request is computed;
// nil ends that. n counts these responses from 1 since Start, errors included;
// responses of a script that do not use the normal one are not counted. Calls do
// not overlap. move may call UpdateGraph: the response shows the alerts after it.
func (s *Server) OnGraphRequest(move func(n int)) {
	s.graph.mu.Lock()
	defer s.graph.mu.Unlock()
	s.graph.hook = move
}

// SetGraphAlerts replaces the alerts of Options.TenantID in Graph with the elements
// of a JSON array, byte for byte. It reads only the properties that Graph filters
// on. Two elements may have the same id. The error says that the text is not a JSON
// array.
func (s *Server) SetGraphAlerts(jsonArray []byte) error {
	elements, err := splitArray(jsonArray)
	if err != nil {
		return err
	}
	list := make([]GraphAlert, len(elements))
	for i, element := range elements {
		list[i] = GraphAlert(element)
	}
	records := readGraphAlerts(list, nil)
	s.graph.add(s.opts.TenantID, func() []graphRecord { return records })
	return nil
}

// UpdateGraph replaces the alerts of Options.TenantID in Graph with what move
// returns: alerts changed with Set, added, removed. It gets them newest first; the
// result may have any order. A response shows all changes of a call or none. move
// must not change the bytes of an alert, nor call methods of the server.
func (s *Server) UpdateGraph(move func(list []GraphAlert) []GraphAlert) {
	g, tenant := &s.graph, strings.ToLower(s.opts.TenantID)
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.tenants[tenant]()
	list := make([]GraphAlert, len(before))
	for i, r := range before {
		list[i] = r.text
	}
	records := readGraphAlerts(move(list), before)
	g.tenants[tenant] = func() []graphRecord { return records }
}

// readGraphAlerts reads the filter keys of alerts, except of those in known, and
// sorts them as Graph does: "The most recent alerts are displayed at the top of
// the list". Among equal times the order stays.
func readGraphAlerts(list []GraphAlert, known []graphRecord) []graphRecord {
	read := map[*byte]graphRecord{}
	maps.Insert(read, func(yield func(*byte, graphRecord) bool) {
		for _, r := range known {
			if len(r.text) > 0 && !yield(&r.text[0], r) {
				return
			}
		}
	})
	records := make([]graphRecord, 0, len(list))
	for _, alert := range list {
		if len(alert) == 0 {
			continue
		}
		r, ok := read[&alert[0]]
		if !ok || len(r.text) != len(alert) {
			r = readGraphAlert(alert)
		}
		records = append(records, r)
	}
	slices.SortStableFunc(records, func(a, b graphRecord) int {
		return b.values[lastUpdate].order().Compare(a.values[lastUpdate].order())
	})
	return records
}
