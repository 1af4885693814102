package wire

import (
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// AppendAlert appends a detection as an element of the list: a map with an entry
// for each attribute of the schema.
func AppendAlert(dst []byte, d *alert.Detection) []byte {
	dst = appendMapHeader(dst, len(alert.Fields)+2)
	for i := range alert.Fields {
		dst = append(dst, encodedNames[i]...)
		dst = appendField(dst, d, i)
	}
	dst = appendText(dst, []byte("additional"))
	dst = appendAdditional(dst, d.Additional())
	dst = appendText(dst, []byte("triage"))
	return appendNil(dst)
}

// encodedNames are the names of the fields' attributes, encoded.
var encodedNames = func() (names [len(alert.Fields)][]byte) {
	for i, field := range alert.Fields {
		names[i] = appendText(nil, []byte(field.Name))
	}
	return names
}()

func appendField(dst []byte, d *alert.Detection, field int) []byte {
	kind := alert.Fields[field].Kind
	switch {
	case kind == alert.KindList:
		return appendList(dst, d, field)
	case d.IsNull(field):
		return appendNil(dst)
	case kind == alert.KindNumber:
		return appendInt(dst, d.Number(field))
	case kind == alert.KindBool:
		return appendBool(dst, d.Bool(field))
	}
	return appendNormal(dst, d.Text(field))
}

func appendList(dst []byte, d *alert.Detection, field int) []byte {
	n := 0
	for range d.List(field) {
		n++
	}
	dst = appendArrayHeader(dst, n)
	for element := range d.List(field) {
		dst = appendNormal(dst, element)
	}
	return dst
}

func appendAdditional(dst []byte, members []alert.Additional) []byte {
	if len(members) == 0 {
		return appendNil(dst)
	}
	dst = appendMapHeader(dst, len(members))
	for _, member := range members {
		dst = appendNormal(dst, member.Key)
		dst = appendNormal(dst, member.JSON)
	}
	return dst
}

// appendNormal appends a text in Unicode's form NFC, in which Terraform keeps
// strings.
func appendNormal(dst, text []byte) []byte {
	isASCII := !slices.ContainsFunc(text, func(b byte) bool { return b >= 0x80 })
	if isASCII || norm.NFC.IsNormal(text) {
		return appendText(dst, text)
	}
	return appendText(dst, norm.NFC.Bytes(text))
}
