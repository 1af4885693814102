package siem

import (
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// keys finds a field by its key as sent, in the present or the old spelling;
// folded does so for the key in any case.
var keys, folded = index()

func index() (exact, folded map[string]int) {
	exact, folded = make(map[string]int), make(map[string]int)
	for i, field := range alert.Fields {
		for _, key := range []string{field.Key, field.Old} {
			if key != "" {
				exact[key] = i
				folded[fold(key)] = i
			}
		}
	}
	return exact, folded
}

func fold(key string) string { return strings.ToLower(strings.ToUpper(key)) }

// required are the fields without which a record says nothing to a gate.
var required = [...]int{alert.AlertID, alert.SeverityField, alert.LastProcessed}
