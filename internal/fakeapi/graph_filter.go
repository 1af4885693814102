package fakeapi

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// graphFilter reports whether an alert matches $filter.
type graphFilter func(graphRecord) bool

// parseGraphFilter parses what the page "List alerts_v2" documents of OData:
// comparisons of the eight properties with values, and, or, not and parentheses.
// Date-times have no quotes and at most seven fractional digits; all other values
// are in single quotes. Functions, null, and order comparisons of texts are errors:
// the page does not show them. An error does not contain the filter.
func parseGraphFilter(text string) (graphFilter, error) {
	words, err := splitFilter(text)
	if err != nil {
		return nil, err
	}
	p := &filterParser{words: words}
	filter, err := p.either()
	if err == nil && len(p.words) > 0 {
		err = errFilterSyntax
	}
	return filter, err
}

// filterParser holds the words that are left.
type filterParser struct{ words []filterWord }

// next removes the first word; without one it returns an empty word.
func (p *filterParser) next() filterWord {
	if len(p.words) == 0 {
		return filterWord{}
	}
	word := p.words[0]
	p.words = p.words[1:]
	return word
}

// accept removes the first word if it is this one.
func (p *filterParser) accept(text string) bool {
	if len(p.words) == 0 || !p.words[0].is(text) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *filterParser) either() (graphFilter, error) {
	left, err := p.both()
	for err == nil && p.accept("or") {
		a := left
		var b graphFilter
		b, err = p.both()
		left = func(r graphRecord) bool { return a(r) || b(r) }
	}
	return left, err
}

func (p *filterParser) both() (graphFilter, error) {
	left, err := p.operand()
	for err == nil && p.accept("and") {
		a := left
		var b graphFilter
		b, err = p.operand()
		left = func(r graphRecord) bool { return a(r) && b(r) }
	}
	return left, err
}

func (p *filterParser) operand() (graphFilter, error) {
	switch {
	case p.accept("not"):
		inner, err := p.operand()
		return func(r graphRecord) bool { return !inner(r) }, err
	case p.accept("("):
		inner, err := p.either()
		if err == nil && !p.accept(")") {
			err = errFilterSyntax
		}
		return inner, err
	}
	return p.comparison()
}

func (p *filterParser) comparison() (graphFilter, error) {
	property, operator, value := p.next(), p.next(), p.next()
	index := propertyIndex(property.text)
	if property.quoted || index < 0 {
		return nil, queryError("Invalid filter clause: the property is not supported.")
	}
	if operator.quoted || !slices.Contains([]string{"eq", "ne", "ge", "gt", "le", "lt"}, operator.text) {
		return nil, errFilterSyntax
	}
	if graphProperties[index].time {
		return compareTimes(index, operator.text, value)
	}
	return compareTexts(index, operator.text, value)
}

func compareTimes(index int, operator string, value filterWord) (graphFilter, error) {
	at, err := parseFilterTime(value)
	if err != nil {
		return nil, queryError("Invalid filter clause: the value is not a date-time.")
	}
	return func(r graphRecord) bool {
		v := r.values[index]
		return v.kind == valueBroken || v.kind == valueTime && holds(operator, v.at.Compare(at))
	}, nil
}

// holds reports whether an operator is true of the result of a comparison.
func holds(operator string, compared int) bool {
	switch operator {
	case "eq":
		return compared == 0
	case "ne":
		return compared != 0
	case "ge":
		return compared >= 0
	case "gt":
		return compared > 0
	case "le":
		return compared <= 0
	}
	return compared < 0
}

func compareTexts(index int, operator string, value filterWord) (graphFilter, error) {
	members := graphProperties[index].members
	switch {
	case !value.quoted:
		return nil, queryError("Invalid filter clause: the value is not in single quotes.")
	case operator != "eq" && operator != "ne":
		return nil, queryError("Invalid filter clause: the operator is not supported by this property.")
	case members != nil && !slices.Contains(members, value.text):
		return nil, queryError("Invalid filter clause: the value is not a member of the enumeration.")
	}
	return func(r graphRecord) bool {
		v := r.values[index]
		equal := v.kind == valueText && v.text == value.text
		return v.kind == valueBroken || equal == (operator == "eq")
	}, nil
}

// parseFilterTime parses an Edm.DateTimeOffset, which has a zone.
func parseFilterTime(word filterWord) (time.Time, error) {
	clock := strings.LastIndexByte(word.text, 'T')
	if word.quoted || clock < 0 || !strings.ContainsAny(word.text[clock:], "Z+-") {
		return time.Time{}, errors.New("not a time with a zone")
	}
	return parseTime(word.text)
}
