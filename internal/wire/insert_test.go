package wire_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// encoding returns a selection whose alerts are encoded as these texts, one byte each.
func encoding(t *testing.T, texts ...string) *alert.Selection {
	t.Helper()
	next := 0
	s := alert.NewSelection(alert.SelectionOptions{Encode: func(dst []byte, _ *alert.Detection) []byte {
		next++
		return append(dst, texts[next-1]...)
	}})
	for i := range texts {
		d := &alert.Detection{Index: i, Processed: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
		if err := s.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestInsert(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		object string
		alerts []string
		want   any
	}{
		"the only attribute": {"\x81\xa1l\xc0", []string{"\x05"}, map[string]any{"l": []any{int64(5)}}},
		"no alerts":          {"\x81\xa1l\xc0", nil, map[string]any{"l": []any{}}},
		"between others": {
			"\x83\xa1a\x92\x01\xa1l\xa1l\xc0\xa1z\xc3", []string{"\x05", "\x06"},
			map[string]any{"a": []any{int64(1), "l"}, "l": []any{int64(5), int64(6)}, "z": true},
		},
	} {
		got, err := wire.Insert([]byte(test.object), "l", encoding(t, test.alerts...), 100)
		if err != nil {
			t.Errorf("%s: Insert(): %v", name, err)
			continue
		}
		if value := decode(t, got); !reflect.DeepEqual(value, test.want) {
			t.Errorf("%s: Insert() = %v, want %v", name, value, test.want)
		}
	}
}

// An object that does not have the nil is an error of this program.
func TestInsertNowhere(t *testing.T) {
	t.Parallel()
	for name, object := range map[string]string{
		"no attribute":            "\x80",
		"other attributes":        "\x82\xa1a\xc0\xa1b\xc0",
		"another value":           "\x81\xa1l\x90",
		"no value":                "\x81\xa1l",
		"a truncated other value": "\x82\xa1a\xa9b",
		"a key that is no text":   "\x81\x01\xc0",
		"nil":                     "\xc0",
		"no object":               "\x91\xc0",
		"after the object":        "\x81\xa1a\xc0\xa1l\xc0",
		"nothing":                 "",
	} {
		if got, err := wire.Insert([]byte(object), "l", encoding(t, "\x05"), 100); err == nil {
			t.Errorf("%s: Insert() = %x, want an error", name, got)
		}
	}
}

// The limit is the size of the object and of its alerts.
func TestInsertLimit(t *testing.T) {
	t.Parallel()
	const object = "\x81\xa1l\xc0"
	alerts := []string{"\xa3abc", "\xc3"}
	const size = len(object) + 4 + 1
	if _, err := wire.Insert([]byte(object), "l", encoding(t, alerts...), size); err != nil {
		t.Errorf("Insert() with the limit %d: %v, want nil", size, err)
	}
	_, err := wire.Insert([]byte(object), "l", encoding(t, alerts...), size-1)
	if tooLarge, ok := errors.AsType[*wire.SizeError](err); !ok || *tooLarge != (wire.SizeError{Detections: 2, Bytes: size}) {
		t.Errorf("Insert() with the limit %d: %v, want a SizeError of 2 detections and %d bytes", size-1, err, size)
	}
}

// Terraform rejects messages above 256 MiB, and the object is only a part of one.
func TestMaxObject(t *testing.T) {
	t.Parallel()
	if rest := 256<<20 - wire.MaxObject; rest < 1<<10 || rest > 1<<20 {
		t.Errorf("MaxObject leaves %d bytes of 256 MiB for the rest of the message, want from 1 KiB to 1 MiB", rest)
	}
}
