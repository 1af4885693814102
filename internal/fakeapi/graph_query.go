package fakeapi

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxOwnSkip is the largest $skip of a client's own request. That of a link may be
// larger.
const maxOwnSkip = 500

// defaultGraphPage is the number of alerts in a response to a request without $top.
const defaultGraphPage = 100

// graphQuery is the parsed query options of a request.
type graphQuery struct {
	filter graphFilter // nil for none
	size   int         // of the page
	skip   int
	count  bool
	link   string // the options of the next page, without $skip
}

// queryError is Graph's message about a query option. It does not contain the
// option's value.
type queryError string

func (e queryError) Error() string { return string(e) }

// parseGraphQuery parses the query options that the page "List alerts_v2"
// documents: $count, $filter, $skip and $top. Every other option whose name starts
// with $ is an error: the page does not say so, but the service rejects some, and a
// client must not depend on the others. OData ignores names without $.
func (s *Server) parseGraphQuery(raw string) (graphQuery, error) {
	q := graphQuery{size: min(defaultGraphPage, s.opts.GraphPage)}
	options, err := url.ParseQuery(raw)
	if err != nil {
		return q, queryError("The query string is malformed.")
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		known := slices.Contains([]string{"$count", "$filter", "$skip", "$top"}, name)
		switch {
		case !strings.HasPrefix(name, "$"):
		case !known:
			return q, queryError("The query specified in the URI is not valid. The query option is not allowed.")
		case len(options[name]) > 1:
			return q, queryError("Query option '" + name + "' was specified more than once, but it must be specified at most once.")
		}
	}
	err = errors.Join(
		q.set(options, "$filter", func(text string) (err error) { q.filter, err = parseGraphFilter(text); return err }),
		q.set(options, "$top", func(text string) error {
			top, err := strconv.ParseUint(text, 10, 31)
			if err != nil || top == 0 {
				return queryError("Invalid value for the $top query option.")
			}
			q.size = min(int(top), s.opts.GraphPage)
			return nil
		}),
		q.set(options, "$count", func(text string) error {
			if text != "true" && text != "false" || s.opts.GraphNoCount {
				return queryError("Invalid value for the $count query option.")
			}
			q.count = text == "true"
			return nil
		}),
	)
	if options.Has("$skip") && err == nil {
		q.skip, err = s.parseSkip(options.Get("$skip"), raw)
	}
	return q, err
}

// set parses an option, if it is set, and keeps it for the link.
func (q *graphQuery) set(options url.Values, name string, parse func(string) error) error {
	if !options.Has(name) {
		return nil
	}
	text := options.Get(name)
	q.link += name + "=" + url.QueryEscape(text) + "&"
	return parse(text)
}

func (s *Server) parseSkip(text, raw string) (int, error) {
	skip, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, queryError("Invalid value for the $skip query option.")
	}
	if skip > maxOwnSkip && !s.graph.issuedLink(raw) {
		return 0, queryError("The limit of '500' for Skip query has been exceeded.")
	}
	return int(skip), nil
}
