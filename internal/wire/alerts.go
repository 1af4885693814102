package wire

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// AppendAlert appends a detection as an element of the list: a map with an entry
// for each attribute of the schema.
func AppendAlert(dst []byte, d *alert.Detection) []byte {
	dst = appendMapHeader(dst, len(alert.Fields)+2)
	for i := range alert.Fields {
		dst = append(dst, fieldNames[i]...)
		dst = appendField(dst, d, i, alert.Fields[i].Kind)
	}
	dst = appendText(dst, []byte("additional"))
	dst = appendAdditional(dst, d.Additional())
	dst = appendText(dst, []byte("triage"))
	return appendTriage(dst, d)
}

// appendTriage appends the triage of a detection: a map like the detection's, or nil
// if its source tells none.
func appendTriage(dst []byte, d *alert.Detection) []byte {
	if !d.HasTriage {
		return appendNil(dst)
	}
	dst = appendMapHeader(dst, len(alert.Triage))
	for i := range alert.Triage {
		dst = append(dst, triageNames[i]...)
		dst = appendField(dst, d, len(alert.Fields)+i, alert.Triage[i].Kind)
	}
	return dst
}

// The names of the fields' attributes, encoded.
var (
	fieldNames  = encodeNames(alert.Fields[:])
	triageNames = encodeNames(alert.Triage[:])
)

func encodeNames(fields []alert.Field) [][]byte {
	names := make([][]byte, len(fields))
	for i, field := range fields {
		names[i] = appendText(nil, []byte(field.Name))
	}
	return names
}

func appendField(dst []byte, d *alert.Detection, field int, kind alert.Kind) []byte {
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
	isASCII := utf8.RuneCount(text) == len(text)
	if isASCII || norm.NFC.IsNormal(text) {
		return appendText(dst, text)
	}
	return appendText(dst, norm.NFC.Bytes(text))
}
