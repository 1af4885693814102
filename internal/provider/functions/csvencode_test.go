package functions_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func number(t *testing.T, text string) tftypes.Value {
	t.Helper()
	n, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatalf("ParseFloat(%q): %v", text, err)
	}
	return tftypes.NewValue(tftypes.Number, n)
}

func TestCSVEncode(t *testing.T) {
	t.Parallel()
	text := nullOf(tftypes.String)
	for name, test := range map[string]struct {
		objects any
		want    string
	}{
		"nothing":                    {[]any{}, ""},
		"a list of anything":         {emptyListOf(tftypes.DynamicPseudoType), ""},
		"objects of nothing":         {[]any{values{}, values{}}, ""},
		"an empty typed list":        {emptyListOf(constant(values{"b": "", "a": 1}).Type()), "a,b\r\n"},
		"an empty list of map":       {emptyListOf(tftypes.Map{ElementType: tftypes.String}), ""},
		"sorted columns":             {listOf(values{"b": "1", "a": "2", "B": "3", "a_b": "4"}), "B,a,a_b,b\r\n3,2,4,1\r\n"},
		"attributes of alerts first": {[]any{values{"alert_id": "1", "a": "2", "severity": "3"}}, "severity,alert_id,a\r\n3,1,2\r\n"},
		"union of columns":           {[]any{values{"b": "1"}, values{"a": "2"}}, "a,b\r\n,1\r\n2,\r\n"},
		"union of maps": {listOf(mapOf(tftypes.String, map[string]tftypes.Value{"x": constant("1")}),
			mapOf(tftypes.String, map[string]tftypes.Value{"y": constant("2")})), "x,y\r\n1,\r\n,2\r\n"},
		"a set": {setOf(values{"a": "1"}), "a\r\n1\r\n"},
		"nulls": {[]any{values{"a": text, "b": nil, "c": nullOf(tftypes.List{ElementType: tftypes.String})}},
			"a,b,c\r\n,,\r\n"},
		"one empty cell": {[]any{values{"a": text}, values{"a": ""}}, "a\r\n\"\"\r\n\"\"\r\n"},
		"quotes where needed": {[]any{values{"a": `say "hi"`, "b": "x,y", "c": "x\ny", "d": "x\ry"}},
			"a,b,c,d\r\n\"say \"\"hi\"\"\",\"x,y\",\"x\ny\",\"x\ry\"\r\n"},
		"no quotes elsewhere": {[]any{values{"a": " padded ", "b": "'", "c": "x:y", "d": "\\.", "e": "é #"}},
			"a,b,c,d,e\r\n padded ,',x:y,\\.,é #\r\n"},
		"quotes around other delimiters": {[]any{values{"a": "x;y", "b": "x\ty", "c": "z"}}, "a,b,c\r\n\"x;y\",\"x\ty\",z\r\n"},
		"quotes in a header":             {[]any{values{"a,\"b": "1"}}, "\"a,\"\"b\"\r\n1\r\n"},
		"bools":                          {[]any{values{"a": true, "b": false}}, "a,b\r\ntrue,false\r\n"},
		"numbers":                        {[]any{values{"a": -5, "b": 0, "c": 1e6}}, "a,b,c\r\n-5,0,1000000\r\n"},
		"strings of numbers":             {[]any{values{"a": "-5", "b": "+1", "c": "5"}}, "a,b,c\r\n'-5,'+1,5\r\n"},
		"formulas": {[]any{values{"a": "=1+1", "b": "@SUM(A1)", "c": "\tx", "d": "\rx", "e": "\nx", "f": "\x00=1",
			"g": "\uff1d1", "h": "x=1", "i": "=\"a\",b"}},
			"a,b,c,d,e,f,g,h,i\r\n'=1+1,'@SUM(A1),\"'\tx\",\"'\rx\",\"'\nx\",'\x00=1,'\uff1d1,x=1,\"'=\"\"a\"\",b\"\r\n"},
		"a formula in a header": {[]any{values{"=cmd": "1"}}, "'=cmd\r\n1\r\n"},
		"strings": {[]any{values{"a": listOf("x", "y"), "b": setOf("z"), "c": []any{"p", "q"}, "d": listOf("")}},
			"a,b,c,d\r\n\"x;y\",z,\"p;q\",\r\n"},
		"no strings": {[]any{values{"a": []any{}, "b": emptyListOf(tftypes.String),
			"c": emptyListOf(tftypes.DynamicPseudoType), "d": []any{nil}}},
			"a,b,c,d\r\n,,,\r\n"},
		"strings and null": {[]any{values{"a": listOf("x", text, "y"), "b": []any{"x", nil}}}, "a,b\r\n\"x;;y\",\"x;\"\r\n"},
		"strings as formulas": {[]any{values{"a": listOf("=1", "x", "-2"), "b": listOf(`"`, ",")}},
			"a,b\r\n\"'=1;x;'-2\",\"\"\";,\"\r\n"},
		"lists of other values": {[]any{values{"a": listOf(1, 2), "b": []any{"x", 1, true, nil},
			"c": emptyListOf(tftypes.Number), "d": listOf(listOf("x"))}},
			"a,b,c,d\r\n\"[1,2]\",\"[\"\"x\"\",1,true,null]\",[],\"[[\"\"x\"\"]]\"\r\n"},
		"objects and maps": {[]any{values{"a": values{"z": "=1", "b": values{"c": nil}},
			"b": mapOf(tftypes.String, map[string]tftypes.Value{"k\n": constant("<v>\u2028")}), "c": values{}}},
			"a,b,c\r\n\"{\"\"b\"\":{\"\"c\"\":null},\"\"z\"\":\"\"\\u003d1\"\"}\"," +
				"\"{\"\"k\\n\"\":\"\"<v>\u2028\"\"}\",{}\r\n"},
	} {
		if got := mustCallText(t, "csvencode", constant(test.objects)); got != test.want {
			t.Errorf("%s: csvencode(%v) = %q, want %q", name, test.objects, got, test.want)
		}
	}
}

func TestCSVEncodeNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "-5": "-5", "0.1": "0.1", "-0.25": "-0.25", "1e3": "1000", "1e-7": "0.0000001",
		"1e30":                                  "1000000000000000000000000000000",
		"9007199254740993":                      "9007199254740993",
		"-9223372036854775808":                  "-9223372036854775808",
		"18446744073709551615":                  "18446744073709551615",
		"1180591620717411303424":                "1180591620717411303424",
		"123456789012345678901234567890.5":      "123456789012345678901234567890.5",
		"3.14159265358979323846264338327950288": "3.14159265358979323846264338327950288",
	} {
		want = "n\r\n" + want + "\r\n"
		if got := mustCallText(t, "csvencode", constant([]any{values{"n": number(t, text)}})); got != want {
			t.Errorf("csvencode([{n = %s}]) = %q, want %q", text, got, want)
		}
	}
}

// afterBreak matches what a reader can take for the start of a formula. It is
// independent of the encoder.
var afterBreak = map[string]*regexp.Regexp{
	",":  regexp.MustCompile(`(^|[;\t\r\n])("*[=+@＝＋－＠\x00-])`),
	";":  regexp.MustCompile(`(^|[,;\t\r\n])("*[=+@＝＋－＠\x00-])`),
	"\t": regexp.MustCompile(`(^|[,;\t\r\n])("*[=+@＝＋－＠\x00-])`),
}

// wantCell returns what a reader of CSV with a delimiter finds in the cell of a value.
func wantCell(value any, delimiter string) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		v = afterBreak[delimiter].ReplaceAllString(v, "$1'$2")
		if strings.IndexAny(v, "\t\r\n") == 0 {
			v = "'" + v
		}
		return strings.ReplaceAll(v, "\r\n", "\n")
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i], _ = v[i].(string)
		}
		return wantCell(strings.Join(parts, ";"), delimiter)
	}
	return fmt.Sprint(value)
}

var csvAlphabet = []string{"=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "\x00", "\"", "\"\"", ",", ";", "'", " ",
	"a", "Z", "0", "é", "日", "\\", "\ufeff", "＝"}

var delimiters = []string{",", ";", "\t"}

// readCSV reads the CSV that csvencode returns for a list, with another
// implementation.
func readCSV(t *testing.T, list []any, delimiter string) [][]string {
	t.Helper()
	text := mustCallText(t, "csvencode", constant(list), constant(values{"delimiter": delimiter}))
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = rune(delimiter[0])
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("csvencode(%q, delimiter %q) = %q, want valid CSV: %v", list, delimiter, text, err)
	}
	checkEveryReader(t, text, delimiter)
	return rows
}

// checkEveryReader reads CSV with each separator, and as a reader without any idea
// of quotation marks does: no cell may start a formula.
func checkEveryReader(t *testing.T, text, delimiter string) {
	t.Helper()
	ends := ";\t\r\n"
	if delimiter != "," {
		ends += ","
	}
	pieces := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(ends, r) })
	for _, separator := range delimiters {
		pieces = append(pieces, tolerantCells(text, separator[0])...)
	}
	for _, piece := range pieces {
		shown := strings.TrimLeft(piece, "\"\t\r\n\x00")
		if strings.IndexAny(shown, "=+-@＝＋－＠") == 0 && !negative.MatchString(shown) {
			t.Fatalf("cell of %q (delimiter %q) = %q, want no formula", text, delimiter, piece)
		}
	}
}

// negative matches a number at the start of a cell, which stays as it is.
var negative = regexp.MustCompile(`^-[0-9]+([,;\t\r\n]|$)`)

// tolerantCells reads CSV as spreadsheets do, which refuse nothing: a cell is quoted
// if it starts with a quotation mark, and text after the closing one belongs to it.
func tolerantCells(text string, separator byte) (cells []string) {
	var cell []byte
	quoted, start := false, true
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '"' && i+1 < len(text) && text[i+1] == '"':
			cell = append(cell, '"')
			i++
		case quoted && c == '"':
			quoted = false
		case quoted:
			cell = append(cell, c)
		case c == separator, c == '\r', c == '\n':
			cells, cell, start = append(cells, string(cell)), nil, true
			continue
		case c == '"' && start:
			quoted = true
		default:
			cell = append(cell, c)
		}
		start = false
	}
	return append(cells, string(cell))
}

func randomJoin(r *rand.Rand, alphabet []string) string {
	var text strings.Builder
	for range r.IntN(7) {
		text.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return text.String()
}

func randomObject(r *rand.Rand) values {
	object := values{}
	for range r.IntN(5) {
		var value any
		switch r.IntN(6) {
		case 0:
			value = nil
		case 1:
			value = r.IntN(2000) - 1000
		case 2:
			value = r.IntN(2) == 0
		case 3:
			texts := []any{}
			for range r.IntN(4) {
				texts = append(texts, randomJoin(r, csvAlphabet))
			}
			value = texts
		default:
			value = randomJoin(r, csvAlphabet)
		}
		object[string(rune('a'+r.IntN(6)))] = value
	}
	return object
}

// TestCSVEncodeReadsBack reads back the CSV of 10,000 lists of random objects.
func TestCSVEncodeReadsBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 4180))
	for range 10_000 {
		list, columns := []any{}, map[string]bool{}
		for range r.IntN(4) {
			object := randomObject(r)
			list = append(list, object)
			for name := range object {
				columns[name] = true
			}
		}
		var want [][]string
		delimiter := delimiters[r.IntN(len(delimiters))]
		if header := slices.Sorted(maps.Keys(columns)); len(header) > 0 {
			want = append(want, header)
			for _, object := range list {
				row := make([]string, len(header))
				if members, ok := object.(values); ok {
					for i, name := range header {
						row[i] = wantCell(members[name], delimiter)
					}
				}
				want = append(want, row)
			}
		}
		if got := readCSV(t, list, delimiter); !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("rows of csvencode(%q, delimiter %q) = %q, want %q", list, delimiter, got, want)
		}
	}
}

func FuzzCSVCell(f *testing.F) {
	for _, seed := range []string{"", "=1", "a,b", "\"", "\r\n", "\r\r\n", "'=", "\uff1d", "\x00", "-5", ";=1", "x,=1", "x\t=1",
		"x\n=1", "x;\"=1", "x,\"\"=1", "\",=1", "\";=1", ";\t\r\n=1", ";\x00=1", "\\\";=1"} {
		for _, other := range []string{"b", "=1", ";", "\""} {
			f.Add(seed, other)
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			t.Skip("not UTF-8: Terraform has no such strings")
		}
		object := values{"a": a, "b": b, "c": []any{a, b}, "d": values{"k": a, "l": []any{b}}}
		for _, delimiter := range delimiters {
			got := readCSV(t, []any{object}, delimiter)
			if len(got) != 2 || len(got[1]) != 4 {
				t.Fatalf("rows of csvencode([%q], delimiter %q) = %q, want 2 of 4 cells", object, delimiter, got)
			}
			want := []string{wantCell(a, delimiter), wantCell(b, delimiter), wantCell(object["c"], delimiter)}
			if !slices.Equal(got[1][:3], want) {
				t.Fatalf("row of csvencode([%q], delimiter %q) = %q, want %q", object, delimiter, got[1], want)
			}
			var decoded any
			if err := json.Unmarshal([]byte(got[1][3]), &decoded); err != nil {
				t.Fatalf("Unmarshal(%q) = error %v, want none", got[1][3], err)
			}
			if want := (values{"k": a, "l": []any{b}}); !reflect.DeepEqual(decoded, want) {
				t.Fatalf("JSON of csvencode([%q], delimiter %q) = %q, want %q", object, delimiter, decoded, want)
			}
		}
	})
}

func TestCSVEncodeOptions(t *testing.T) {
	t.Parallel()
	row := values{"a": "1", "b": "x,y", "c": "x;=1", "severity": "High"}
	empty := emptyListOf(constant(row).Type())
	for name, test := range map[string]struct {
		rows, options any
		want          string
	}{
		"none":                   {[]any{row}, values{}, "severity,a,b,c\r\nHigh,1,\"x,y\",\"x;'=1\"\r\n"},
		"a map":                  {[]any{row}, mapOf(tftypes.String, map[string]tftypes.Value{"delimiter": constant(";")}), "severity;a;b;c\r\nHigh;1;\"x,y\";\"x;'=1\"\r\n"},
		"tab":                    {[]any{row}, values{"delimiter": "\t"}, "severity\ta\tb\tc\r\nHigh\t1\t\"x,y\"\t\"x;'=1\"\r\n"},
		"columns":                {[]any{row}, values{"columns": []any{"b", "a"}}, "b,a\r\n\"x,y\",1\r\n"},
		"a list of columns":      {[]any{row}, values{"columns": listOf("a")}, "a\r\n1\r\n"},
		"columns of some rows":   {[]any{row, values{"z": 1}}, values{"columns": []any{"z"}}, "z\r\n\"\"\r\n1\r\n"},
		"columns of a type":      {empty, values{"columns": []any{"c", "a"}}, "c,a\r\n"},
		"columns of nothing":     {[]any{}, values{"columns": []any{"c", "a"}}, "c,a\r\n"},
		"a byte order mark":      {[]any{row}, values{"bom": true, "columns": []any{"a"}}, "\ufeffa\r\n1\r\n"},
		"no byte order mark":     {[]any{row}, values{"bom": false, "columns": []any{"a"}}, "a\r\n1\r\n"},
		"null is unset":          {[]any{row}, values{"columns": nil, "delimiter": nullOf(tftypes.String), "bom": nullOf(tftypes.Bool)}, "severity,a,b,c\r\nHigh,1,\"x,y\",\"x;'=1\"\r\n"},
		"a mark before nothing":  {[]any{}, values{"bom": true}, ""},
		"a comma elsewhere":      {[]any{values{"a": "x,=1"}}, values{"delimiter": ";"}, "a\r\n\"x,'=1\"\r\n"},
		"a comma that separates": {[]any{values{"a": "x,=1"}}, values{"delimiter": ","}, "a\r\n\"x,=1\"\r\n"},
	} {
		if got := mustCallText(t, "csvencode", constant(test.rows), constant(test.options)); got != test.want {
			t.Errorf("%s: csvencode(%v, %v) = %q, want %q", name, test.rows, test.options, got, test.want)
		}
	}
}

// TestCSVEncodeRefuses names keys and columns of the configuration. It does not
// quote what could be text of an alert.
func TestCSVEncodeRefuses(t *testing.T) {
	t.Parallel()
	const keys = "its keys are columns, delimiter and bom"
	rows := []any{values{"a": "1"}}
	for _, test := range []struct {
		options any
		text    string
	}{
		{"x", "options is not an object with some of the keys columns, delimiter and bom"},
		{nil, "options is not an object with some of the keys columns, delimiter and bom"},
		{nullOf(constant(values{"bom": true}).Type()), "options is not an object with some of the keys columns, delimiter and bom"},
		{values{"colums": []any{"a"}}, `options has an unknown key "colums"; ` + keys},
		{values{"=cmd": "x"}, "options has an unknown key; " + keys},
		{values{"delimiter": "|"}, `options.delimiter must be ",", ";" or "\t"`},
		{values{"delimiter": ""}, `options.delimiter must be ",", ";" or "\t"`},
		{values{"delimiter": 1}, `options.delimiter must be ",", ";" or "\t"`},
		{values{"bom": "true"}, "options.bom must be true or false"},
		{values{"columns": "a"}, "options.columns must be a list of at least one name"},
		{values{"columns": []any{}}, "options.columns must be a list of at least one name"},
		{values{"columns": []any{"a", 1}}, "options.columns must be a list of at least one name"},
		{values{"columns": []any{"a", nil}}, "options.columns must be a list of at least one name"},
		{values{"columns": []any{"a", "titel"}}, `options.columns[1] "titel" is not an attribute of rows`},
		{values{"columns": []any{"=1", "a"}}, "options.columns[0] is not an attribute of rows"},
		{values{"columns": []any{"a", "a"}}, `options.columns[1] "a" is a duplicate`},
	} {
		refuses(t, 1, test.text, "csvencode", constant(rows), constant(test.options))
	}
	refuses(t, 2, "options are two objects or more: one object holds all options", "csvencode",
		constant(rows), constant(values{"bom": true}), constant(values{"delimiter": ";"}))
	refuses(t, 0, "rows has two attributes whose names are equal once a ' keeps one of them from being a formula: rename one",
		"csvencode", constant([]any{values{"=a": "1", "'=a": "2"}}))
	refuses(t, 1, `options.columns[0] "a" is not an attribute of rows`, "csvencode",
		constant([]any{values{}}), constant(values{"columns": []any{"a"}}))
}
