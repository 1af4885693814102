package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// MaxObject is the size in bytes that an encoded object may have. go-plugin
// accepts messages of 256 MiB, and beyond that Terraform shows an error of gRPC;
// 64 KiB are for the rest of the message.
const MaxObject = 256<<20 - 64<<10

// A SizeError reports a list that makes its object larger than the limit.
type SizeError struct {
	Detections int // in the list
	Bytes      int // of the whole object
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("wire: %d detections take %d bytes", e.Detections, e.Bytes)
}

// Insert returns a copy of an encoded object in which the list of the
// selection's alerts replaces the nil of the attribute. It returns a
// [*SizeError] if the copy would be larger than limit bytes.
func Insert(object []byte, attribute string, s *alert.Selection, limit int) ([]byte, error) {
	at, err := findNil(object, attribute)
	if err != nil {
		return nil, err
	}
	count, size := 0, len(object)
	for encoded := range s.Encoded() {
		count++
		size += len(encoded)
	}
	if size > limit {
		return nil, &SizeError{Detections: count, Bytes: size}
	}
	whole := make([]byte, 0, size+8)
	whole = append(whole, object[:at]...)
	whole = appendArrayHeader(whole, count)
	for encoded := range s.Encoded() {
		whole = append(whole, encoded...)
	}
	return append(whole, object[at+1:]...), nil
}

var errNoNil = errors.New("wire: the object has no nil under that attribute")

// findNil returns the offset of an attribute's nil in an encoded object.
func findNil(object []byte, attribute string) (int, error) {
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
				return 0, errNoNil
			}
			return int(offset), nil
		}
		err = decoder.Skip()
	}
	return 0, errNoNil
}
