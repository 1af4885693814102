package provider

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// maxState keeps a reply below the 256 MiB that go-plugin accepts in one
// message; beyond it Terraform shows an error of gRPC. 64 KiB are for the rest
// of the message.
const maxState = 256<<20 - 64<<10

// insertList returns a state with the selection's alerts in place of its null
// list, unless it passes the limit.
func insertList(state []byte, s *alert.Selection, limit int) (*tfprotov6.DynamicValue, *tfprotov6.Diagnostic) {
	at, err := findNull(state, listAttribute)
	if err != nil {
		return nil, noPlace()
	}
	count, size := 0, len(state)
	for encoded := range s.Encoded() {
		count++
		size += len(encoded)
	}
	if size > limit {
		return nil, tooLarge(count, size)
	}
	whole := make([]byte, 0, size+8)
	whole = append(whole, state[:at]...)
	whole = appendArrayHeader(whole, count)
	for encoded := range s.Encoded() {
		whole = append(whole, encoded...)
	}
	return &tfprotov6.DynamicValue{MsgPack: append(whole, state[at+1:]...)}, nil
}

func noPlace() *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "Internal error",
		Detail:   "The list of alerts has no place in the result. Please report this.",
	}
}

func tooLarge(count, size int) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "Too many alerts for one read",
		Detail: fmt.Sprintf("The %d alerts take %d MiB, and Terraform accepts at most 256 MiB from a provider at once. "+askForLess,
			count, size>>20),
	}
}

var errNoPlace = errors.New("provider: no null attribute of that name")

// findNull returns where in an encoded object the nil of an attribute is.
func findNull(object []byte, attribute string) (int, error) {
	reader := bytes.NewReader(object)
	decoder := msgpack.NewDecoder(reader)
	n, err := decoder.DecodeMapLen()
	for ; err == nil && n > 0; n-- {
		var key string
		if key, err = decoder.DecodeString(); err != nil {
			break
		}
		if key == attribute {
			offset, err := reader.Seek(0, io.SeekCurrent)
			if err != nil || !bytes.HasPrefix(object[offset:], appendNil(nil)) {
				return 0, errNoPlace
			}
			return int(offset), nil
		}
		err = decoder.Skip()
	}
	return 0, errNoPlace
}
