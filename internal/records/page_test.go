package records_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// readPage reads a page and returns the texts of Id of its objects.
func readPage(r io.Reader) ([]string, records.PageInfo, error) {
	var ids []string
	info, err := records.Page(r, "request", table, func(o *records.Object) error {
		t := target{object: o}
		if err := o.Members(&t); err != nil {
			return err
		}
		ids = append(ids, fmt.Sprintf("%d %s", o.Index(), strings.Join(t.members, " ")))
		return nil
	})
	return ids, info, err
}

func TestPage(t *testing.T) {
	t.Parallel()
	const link = "https://graph.example/v1.0/security/alerts_v2?$skip=2"
	many := strings.Repeat(" ", 1<<10) + `{"Id":"a"},`
	for _, test := range []struct {
		body, ids, next string
		count           int64
	}{
		{`{"value":[]}`, "", "", -1},
		{" {\n\"value\" : [ ] } \n", "", "", -1},
		{`{"value":[{"Id":"a"},{"Mark":"m"}]}`, "0 0=a; 1 1=m", "", -1},
		{`{"@odata.context":"c","@odata.count":2,"value":[{"Id":"a"}],"@odata.nextLink":"` + link + `"}`, "0 0=a", link, 2},
		{`{"@odata.nextLink":"` + link + `","value":[{"Id":"a"}],"@odata.count":0}`, "0 0=a", link, 0},
		{`{"v\u0061lue":[{"Id":"a"}],"@odata.nextLink":"a\u0062"}`, "0 0=a", "ab", -1},
		{`{"value":[],"@odata.nextLink":null,"@odata.count":null}`, "", "", -1},
		{`{"value":[],"@odata.count":9223372036854775807}`, "", "", 1<<63 - 1},
		// Others are skipped, whatever they hold.
		{`{"value":[],"new":{"error":1,"value":null,"a":1,"a":2},"more":[[1]],"@odata.deltaLink":7}`, "", "", -1},
		// The bound is for a record, not for the page.
		{`{"value":[` + strings.Repeat(many, 20<<10) + `{"Id":"z"}]}`, "", "", -1},
	} {
		readers := []io.Reader{strings.NewReader(test.body)}
		if len(test.body) < 1<<10 {
			readers = append(readers, iotest.OneByteReader(strings.NewReader(test.body)))
		}
		for _, r := range readers {
			ids, info, err := readPage(r)
			if err != nil {
				t.Errorf("Page(%.80s) fails with %v, want nil", test.body, err)
			}
			if want := (records.PageInfo{Next: test.next, Count: test.count}); info != want {
				t.Errorf("Page(%.80s) = %+v, want %+v", test.body, info, want)
			}
			if got := strings.Join(ids, "; "); got != test.ids && test.ids != "" {
				t.Errorf("objects of Page(%.80s) = %q, want %q", test.body, got, test.ids)
			}
		}
	}
}

func TestPageProblems(t *testing.T) {
	t.Parallel()
	many := strings.Builder{}
	for i := range 257 {
		fmt.Fprintf(&many, `"n%d":1,`, i)
	}
	const next, count = "@odata.nextLink", "@odata.count"
	for body, want := range map[string]records.Error{
		``:                                 {Problem: records.Empty, Index: -1},
		` `:                                {Problem: records.Empty, Index: -1},
		`null`:                             {Problem: records.NotObject, Index: -1},
		`[]`:                               {Problem: records.NotObject, Index: -1},
		`"value"`:                          {Problem: records.NotObject, Index: -1},
		`{`:                                {Problem: records.Malformed, Index: -1},
		`{"value"`:                         {Problem: records.Malformed, Index: -1},
		`{"value":`:                        {Problem: records.Malformed, Index: -1},
		`{"value":[`:                       {Problem: records.Malformed, Index: -1},
		`{"value":[{"Id":"a"`:              {Problem: records.Malformed, Index: 0},
		`{"value":[{}]`:                    {Problem: records.Malformed, Index: -1},
		`{"value":[],}`:                    {Problem: records.Malformed, Index: -1},
		`{"value":[],"new":{`:              {Problem: records.Malformed, Index: -1},
		`{"value":[],"@odata.nextLink":"a`: {Problem: records.Malformed, Index: -1},
		`{"value":[]}]`:                    {Problem: records.TrailingData, Index: -1},
		`{"value":[]}{}`:                   {Problem: records.TrailingData, Index: -1},
		`{"value":[null]}`:                 {Problem: records.NotObject, Index: 0},
		`{"value":[{},1]}`:                 {Problem: records.NotObject, Index: 1},
		`{"value":[{"Id":"a","Id":"a"}]}`:  {Problem: records.DuplicateKey, Index: 0, Field: "Id"},

		`{}`:             {Problem: records.MissingField, Index: -1, Field: "value"},
		`{"value":null}`: {Problem: records.MissingField, Index: -1, Field: "value"},
		`{"value":{}}`:   {Problem: records.WrongType, Index: -1, Field: "value"},
		`{"value":""}`:   {Problem: records.WrongType, Index: -1, Field: "value"},

		`{"value":[],"value":[]}`: {Problem: records.DuplicateKey, Index: -1, Field: "value"},
		`{"@odata.nextLink":"a",` + "\"@odata.nextLink\":null,\"value\":[]}": {Problem: records.DuplicateKey, Index: -1, Field: next},
		`{"@odata.count":1,"value":[],"@odata.count":1}`:                     {Problem: records.DuplicateKey, Index: -1, Field: count},
		`{"new":1,"new":1,"value":[]}`:                                       {Problem: records.DuplicateKey, Index: -1},
		`{"value":[],"Value":[]}`:                                            {Problem: records.OtherCase, Index: -1, Field: "value"},
		`{"value":[],"@odata.nextlink":"a"}`:                                 {Problem: records.OtherCase, Index: -1, Field: next},
		`{"@OData.count":1,"value":[]}`:                                      {Problem: records.OtherCase, Index: -1, Field: count},
		`{"value":[],"Error":{}}`:                                            {Problem: records.OtherCase, Index: -1, Field: "error"},

		`{"error":{"code":"x"}}`:            {Problem: records.ErrorMember, Index: -1},
		`{"error":null,"value":[]}`:         {Problem: records.ErrorMember, Index: -1},
		`{"value":[{"Id":"a"}],"error":""}`: {Problem: records.ErrorMember, Index: -1},

		`{"value":[],"@odata.nextLink":""}`:               {Problem: records.WrongType, Index: -1, Field: next},
		`{"value":[],"@odata.nextLink":1}`:                {Problem: records.WrongType, Index: -1, Field: next},
		`{"value":[],"@odata.nextLink":["a"]}`:            {Problem: records.WrongType, Index: -1, Field: next},
		`{"value":[],"@odata.nextLink":false}`:            {Problem: records.WrongType, Index: -1, Field: next},
		`{"value":[],"@odata.nextLink":"\ud800"}`:         {Problem: records.LossyText, Index: -1, Field: next},
		`{"value":[],"@odata.count":-1}`:                  {Problem: records.WrongType, Index: -1, Field: count},
		`{"value":[],"@odata.count":-0}`:                  {Problem: records.WrongType, Index: -1, Field: count},
		`{"value":[],"@odata.count":1.5}`:                 {Problem: records.WrongType, Index: -1, Field: count},
		`{"value":[],"@odata.count":1e3}`:                 {Problem: records.WrongType, Index: -1, Field: count},
		`{"value":[],"@odata.count":"1"}`:                 {Problem: records.WrongType, Index: -1, Field: count},
		`{"value":[],"@odata.count":9223372036854775808}`: {Problem: records.WrongType, Index: -1, Field: count},

		`{` + many.String() + `"value":[]}`:                                                                {Problem: records.TooManyKeys, Index: -1},
		`{"value":[{"N":"` + strings.Repeat("x", 9<<20) + `"}]}`:                                           {Problem: records.TooLargeRecord, Index: 0},
		`{"value":[` + strings.Repeat(" ", 9<<20) + `]}`:                                                   {Problem: records.TooLargeRecord, Index: -1},
		strings.Repeat(" ", 9<<20) + `{"value":[]}`:                                                        {Problem: records.TooLargeRecord, Index: -1},
		`{"value":[{}],"n":"` + strings.Repeat("x", 9<<20) + `"}`:                                          {Problem: records.TooLargeRecord, Index: -1},
		`{"n":"` + strings.Repeat("x", 5<<20) + `","value":[{}],"m":"` + strings.Repeat("x", 5<<20) + `"}`: {Problem: records.TooLargeRecord, Index: -1},
	} {
		_, info, err := readPage(strings.NewReader(body))
		if info != (records.PageInfo{}) {
			t.Errorf("Page(%.60s) = %+v, want no information with an error", body, info)
		}
		got, ok := errors.AsType[*records.Error](err)
		if !ok {
			t.Errorf("Page(%.60s) fails with %v, want a *records.Error", body, err)
			continue
		}
		if got.Offset < 0 || got.Offset > int64(len(body)) {
			t.Errorf("offset of the error of Page(%.60s) = %d, want 0 to %d", body, got.Offset, len(body))
		}
		want.Offset, want.RequestID = got.Offset, "request"
		if *got != want {
			t.Errorf("Page(%.60s) fails with %+v, want %+v", body, *got, want)
		}
	}
}

// Errors of the reader below and of the caller are returned unchanged.
func TestPageReturnsErrorsOfOthers(t *testing.T) {
	t.Parallel()
	broken, refused := errors.New("broken"), errors.New("refused")
	for _, start := range []string{``, `{`, `{"value":`, `{"value":[`, `{"value":[{"Id":"a"},`, `{"value":[],"n":`, `{"value":[]}`} {
		if _, _, err := readPage(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("Page of %s over a broken reader fails with %v, want %v", start, err, broken)
		}
	}
	_, err := records.Page(strings.NewReader(`{"value":[{},{}]}`), "", table, func(*records.Object) error { return refused })
	if !errors.Is(err, refused) {
		t.Errorf("Page fails with %v, want the caller's %v", err, refused)
	}
}

// A record is passed on before the rest of the page has arrived.
func TestPageStreams(t *testing.T) {
	t.Parallel()
	source, sink := io.Pipe()
	read := make(chan string)
	go func() {
		for _, part := range []string{`{"value":[{"Id":"a"},{`, `"Id":"b"}`, `]}`} {
			if _, err := io.WriteString(sink, part); err != nil {
				return
			}
			if part != `]}` {
				<-read
			}
		}
		_ = sink.Close()
	}()
	_, err := records.Page(source, "", table, func(o *records.Object) error {
		err := o.Members(&target{object: o})
		read <- ""
		return err
	})
	if err != nil {
		t.Errorf("Page fails with %v, want nil", err)
	}
}
