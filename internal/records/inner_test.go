package records_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

var (
	outerTable = records.NewTable([]records.Name{{Key: "list"}, {Key: "object"}})
	innerTable = records.NewTable([]records.Name{{Key: "id"}, {Key: "inner"}})
)

// A nest reads objects within objects, and keeps the texts of their IDs.
type nest struct {
	object *records.Object
	ids    []string
}

func (n *nest) Known(field int, value jsontext.Value) records.Problem {
	if field == 0 {
		return n.object.Elements(value, n.read)
	}
	return n.read(value)
}

func (n *nest) Unknown(_, _ []byte) {}

func (n *nest) read(value jsontext.Value) records.Problem {
	return n.object.Inner(value, innerTable, func(field int, value jsontext.Value) records.Problem {
		if field == 1 {
			return n.read(value)
		}
		if value.Kind() != jsontext.KindString {
			return records.WrongType
		}
		n.ids = append(n.ids, string(n.object.Text(value)))
		return records.None
	})
}

func TestInner(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		record, ids string
		problem     records.Problem
		field       string
	}{
		{record: `{}`},
		{record: `{"list":[],"object":{}}`},
		{record: `{"list":[{"id":"a"}, {"i\u0064":"b"}],"object":{"id":"c"}}`, ids: "a b c"},
		{record: `{"list":[{"id":"a","inner":{"id":"b","inner":{"id":"c"}}}]}`, ids: "a b c"},
		{record: `{"object":{"new":{"id":1,"id":2,"x":1,"x":1},"\ud800":1,"new":1,"id":"a"}}`, ids: "a"},

		{record: `{"list":1}`, problem: records.WrongType, field: "list"},
		{record: `{"list":{}}`, problem: records.WrongType, field: "list"},
		{record: `{"list":[1]}`, problem: records.WrongType, field: "list"},
		{record: `{"object":[]}`, problem: records.WrongType, field: "object"},
		{record: `{"object":{"id":1}}`, problem: records.WrongType, field: "object.id"},
		{record: `{"list":[{"inner":{"inner":{"id":1}}}]}`, problem: records.WrongType, field: "list.inner.inner.id"},
		{record: `{"object":{"id":"a","id":"a"}}`, problem: records.DuplicateKey, field: "object.id"},
		{record: `{"object":{"id":"a","\u0069d":"a"}}`, problem: records.DuplicateKey, field: "object.id"},
		{record: `{"object":{"ID":"a"}}`, problem: records.OtherCase, field: "object.id"},
		{record: `{"object":{"inner":{"\u0130d":"a"}}}`, problem: records.OtherCase, field: "object.inner.id"},
	} {
		var n nest
		// Twice, as the second record reuses what the first one used.
		err := records.Array(strings.NewReader("["+test.record+","+test.record+"]"), "", outerTable, func(o *records.Object) error {
			n = nest{object: o}
			return o.Members(&n)
		})
		if test.problem == records.None {
			if err != nil {
				t.Errorf("reading %s fails with %v, want nil", test.record, err)
			}
			if got := strings.Join(n.ids, " "); got != test.ids {
				t.Errorf("IDs of %s = %q, want %q", test.record, got, test.ids)
			}
			continue
		}
		got, ok := errors.AsType[*records.Error](err)
		if !ok || got.Problem != test.problem || got.Field != test.field || got.Index != 0 {
			t.Errorf("reading %s fails with %v, want %s in %s", test.record, err, test.problem, test.field)
		}
	}
}
