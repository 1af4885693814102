package records

import (
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// A PageInfo holds what a page says about the pages after it.
type PageInfo struct {
	Next  string // @odata.nextLink, the address of the next page; "" for none
	Count int64  // @odata.count, the number of records of all pages; -1 for none
}

// pageTable holds the known members of a page: names of OData 4.0 JSON, and of 4.01.
var pageTable = NewTable([]Name{
	memberValue: {Key: "value"},
	memberNext:  {Key: "@odata.nextLink", Old: "@nextLink"},
	memberCount: {Key: "@odata.count", Old: "@count"},
	memberError: {Key: "error"},
})

const (
	memberValue = iota
	memberNext
	memberCount
	memberError
)

// Page reads a response that is one page of OData: an object whose member "value"
// is an array of objects with the known keys of table. It calls read for each
// object as [Array] does, and like it returns nil only for a whole, valid page.
//
// The members of the page may have any order. Next and Count may be null or
// absent. A page with a member "error" is an error, whatever else it has. Other
// members are skipped; all members but value have at most 8 MiB together.
func Page(r io.Reader, requestID string, table *Table, read func(*Object) error) (PageInfo, error) {
	response := newResponse(r, requestID)
	p := page{object: newObject(pageTable, response), info: PageInfo{Count: -1}}
	if err := response.begin(jsontext.KindBeginObject, NotObject); err != nil {
		return PageInfo{}, err
	}
	err := p.object.members(func(field int, _ []byte) error {
		if field == memberValue {
			return p.readValue(table, read)
		}
		return p.readMember(field)
	})
	if err != nil {
		return PageInfo{}, err
	}
	if !p.hasValue {
		return PageInfo{}, p.object.Error(MissingField, memberValue)
	}
	if err := response.end(); err != nil {
		return PageInfo{}, err
	}
	return p.info, nil
}

// A page is the state of reading one page.
type page struct {
	object   *Object
	info     PageInfo
	hasValue bool
}

func (p *page) readValue(table *Table, read func(*Object) error) error {
	response := p.object.response
	switch first, err := response.json.ReadToken(); {
	case err != nil:
		return response.explain(err)
	case first.Kind() == jsontext.KindNull:
		return p.object.Error(MissingField, memberValue)
	case first.Kind() != jsontext.KindBeginArray:
		return p.object.Error(WrongType, memberValue)
	}
	p.hasValue = true
	left := response.bound.left
	err := response.objects(table, read)
	response.bound.left = left
	return err
}

func (p *page) readMember(field int) error {
	json := p.object.response.json
	switch field {
	case unknownField:
		return p.object.response.explain(json.SkipValue())
	case memberError:
		return p.object.response.error(ErrorMember, "")
	}
	value, err := json.ReadValue()
	if err != nil {
		return p.object.response.explain(err)
	}
	problem := None
	switch {
	case value.Kind() == jsontext.KindNull:
	case field == memberNext:
		problem = p.setNext(value)
	case field == memberCount:
		problem = p.setCount(value)
	}
	if problem != None {
		return p.object.Error(problem, field)
	}
	return nil
}

func (p *page) setNext(value jsontext.Value) Problem {
	if value.Kind() != jsontext.KindString || IsUnset(value) {
		return WrongType // "" is no address, and no word for the last page either
	}
	replaced := p.object.Replaced()
	p.info.Next = string(p.object.Text(value))
	if p.object.Replaced() > replaced {
		return LossyText
	}
	return None
}

func (p *page) setCount(value jsontext.Value) Problem {
	// 63 bits: an int64 without a sign.
	n, err := strconv.ParseUint(string(value), 10, 63)
	if err != nil {
		return WrongType
	}
	p.info.Count = int64(n)
	return None
}
