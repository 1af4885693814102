package fakeapi

import (
	"strconv"
	"strings"
)

// graphPage returns one page: the records that match, in stored order, from $skip
// on. A page is a section of the list as it is now, so a move between two requests
// can hide an alert from both. With unknown, members behind unknownFutureValue
// keep their names.
func (s *Server) graphPage(q graphQuery, records []graphRecord, address string, unknown bool) []byte {
	matching := records
	if q.filter != nil && !s.opts.GraphIgnoreFilter {
		matching = nil
		for _, r := range records {
			if q.filter(r) {
				matching = append(matching, r)
			}
		}
	}
	start := min(q.skip, len(matching))
	end := min(start+q.size, len(matching))

	o := &object{text: []byte("{")}
	o.string("@odata.context", s.GraphEndpoint()+"/v1.0/$metadata#security/alerts_v2")
	if q.count {
		count := len(matching)
		if s.opts.GraphCount != nil {
			count = s.opts.GraphCount(count, len(records))
		}
		o.number("@odata.count", int64(count))
	}
	if link := s.nextLink(q, address, end, len(matching)); link != "" {
		o.string("@odata.nextLink", link)
	}
	o.key("value")
	body := append(o.text, '[')
	for i, r := range matching[start:end] {
		if i > 0 {
			body = append(body, ',')
		}
		text := []byte(r.text)
		if !unknown {
			text = hideUnknownMembers(text)
		}
		body = append(body, text...)
	}
	return append(body, "]}"...)
}

// nextLink returns the link behind the first end of the matching alerts, "" for
// none. The documentation does not show its form; $skip is what the Defender APIs
// use, and the worst for a client.
func (s *Server) nextLink(q graphQuery, address string, end, matching int) string {
	link := ""
	if end < matching && !s.opts.GraphSilentPages {
		link = address + "?" + q.link + "$skip=" + strconv.Itoa(end)
	}
	if s.opts.GraphLink != nil {
		link = s.opts.GraphLink(link)
	}
	if _, query, ok := strings.Cut(link, "?"); ok {
		s.graph.issueLink(query)
	}
	return link
}
