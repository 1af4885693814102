package siem

import (
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A key is what a record's key stands for.
type key struct {
	field    int
	spelling spelling
}

// A spelling is how a field was spelled in a record, if it was there.
type spelling uint8

const (
	absent spelling = iota
	present
	old
)

// keys finds a field by its key as sent; folded does so for the key in any case.
var keys, folded = index()

func index() (exact map[string]key, folded map[string]int) {
	exact, folded = make(map[string]key), make(map[string]int)
	for i, field := range alert.Fields {
		exact[field.Key] = key{i, present}
		folded[fold(field.Key)] = i
		if field.Old != "" {
			exact[field.Old] = key{i, old}
			folded[fold(field.Old)] = i
		}
	}
	return exact, folded
}

func fold(key string) string { return strings.ToLower(strings.ToUpper(key)) }

// required are the fields without which a record says nothing to a gate.
var required = [...]int{alert.FieldAlertID, alert.FieldSeverity, alert.FieldLastProcessed}
