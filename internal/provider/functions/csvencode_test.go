package functions_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
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
		"nothing":              {[]any{}, ""},
		"a list of anything":   {emptyListOf(tftypes.DynamicPseudoType), ""},
		"objects of nothing":   {[]any{values{}, values{}}, ""},
		"an empty typed list":  {emptyListOf(constant(values{"b": "", "a": 1}).Type()), "a,b\r\n"},
		"an empty list of map": {emptyListOf(tftypes.Map{ElementType: tftypes.String}), ""},
		"sorted columns":       {listOf(values{"b": "1", "a": "2", "B": "3", "a_b": "4"}), "B,a,a_b,b\r\n3,2,4,1\r\n"},
		"attributes of alerts first": {[]any{values{"alert_id": "1", "a": "2", "severity": "3"}}, "severity,alert_id,a\r\n3,1,2\r\n"},
		"union of columns":     {[]any{values{"b": "1"}, values{"a": "2"}}, "a,b\r\n,1\r\n2,\r\n"},
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
		"quotes in a header": {[]any{values{"a,\"b": "1"}}, "\"a,\"\"b\"\r\n1\r\n"},
		"bools":              {[]any{values{"a": true, "b": false}}, "a,b\r\ntrue,false\r\n"},
		"numbers":            {[]any{values{"a": -5, "b": 0, "c": 1e6}}, "a,b,c\r\n-5,0,1000000\r\n"},
		"strings of numbers": {[]any{values{"a": "-5", "b": "+1", "c": "5"}}, "a,b,c\r\n'-5,'+1,5\r\n"},
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

// wantCell returns what a reader finds in the cell of a value. It is independent of
// the encoder.
func wantCell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		first, _ := utf8.DecodeRuneInString(v)
		if v != "" && slices.Contains([]rune("=+-@＝＋－＠\t\r\n\x00"), first) {
			v = "'" + v
		}
		return strings.ReplaceAll(v, "\r\n", "\n")
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = wantCell(v[i])
		}
		return strings.Join(parts, ";")
	}
	return fmt.Sprint(value)
}

var csvAlphabet = []string{"=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "\x00", "\"", "\"\"", ",", ";", "'", " ",
	"a", "Z", "0", "é", "日", "\\", "\ufeff", "＝"}

// readCSV reads the CSV that csvencode returns for a list, with another
// implementation.
func readCSV(t *testing.T, list []any) [][]string {
	t.Helper()
	text := mustCallText(t, "csvencode", constant(list))
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("csvencode(%q) = %q, want valid CSV: %v", list, text, err)
	}
	return rows
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
		if header := slices.Sorted(maps.Keys(columns)); len(header) > 0 {
			want = append(want, header)
			for _, object := range list {
				row := make([]string, len(header))
				if members, ok := object.(values); ok {
					for i, name := range header {
						row[i] = wantCell(members[name])
					}
				}
				want = append(want, row)
			}
		}
		if got := readCSV(t, list); !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("rows of csvencode(%q) = %q, want %q", list, got, want)
		}
	}
}

func FuzzCSVCell(f *testing.F) {
	for _, seed := range []string{"", "=1", "a,b", "\"", "\r\n", "\r\r\n", "'=", "\uff1d", "\x00", "-5", ";=1"} {
		f.Add(seed, "b")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a + b) {
			t.Skip("not UTF-8: Terraform has no such strings")
		}
		object := values{"a": a, "b": b, "c": []any{a, b}}
		got := readCSV(t, []any{object})
		want := [][]string{{"a", "b", "c"}, {wantCell(a), wantCell(b), wantCell(object["c"])}}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("rows of csvencode([%q]) = %q, want %q", object, got, want)
		}
		for _, cell := range got[1] {
			if cell != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n\x00", []rune(cell)[0]) {
				t.Fatalf("cell of csvencode([%q]) = %q, want no formula", object, cell)
			}
		}
	})
}
