package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// anomalies returns one warning about all anomalies of a read.
func anomalies(found alert.Anomalies) diag.Diagnostics {
	var lines []string
	for _, anomaly := range []struct {
		positions alert.Positions
		text      string
	}{
		{found.UnknownSeverity, "unrecognized severity. It ranks above High, so that no gate misses it."},
		{found.OutsideWindow, "processed outside the requested window. Kept and counted."},
		{found.OutsideGroups, "in none of the requested machine groups. Kept and counted."},
		{found.BeyondLimit, "more than the requested limit. Kept and counted."},
		{found.Replaced, "half of a surrogate pair in a text, which became U+FFFD."},
	} {
		if anomaly.positions.Count > 0 {
			lines = append(lines, sentences(quantity(anomaly.positions.Count, "detection")+": "+anomaly.text, idList(anomaly.positions)))
		}
	}
	if found.Late > 0 {
		lines = append(lines, quantity(found.Late, "alert")+": updated during the read, so that it is unknown whether the window held them. They count as if it did.")
	}
	if len(lines) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Anomalies in the response",
		"The response is valid, but these detections are unusual:\n\n  - "+strings.Join(lines, "\n  - "))}
}

// emptyFilters returns warnings about filters that keep nothing: a misspelt category
// or source hides every detection from a gate.
func emptyFilters(s alert.Summary) (d diag.Diagnostics) {
	returned := quantity(s.Fetched, "detection")
	if s.Fetched == 0 { // those that a source dropped are not counted
		returned = "alerts"
	}
	for _, criterion := range s.Anomalies.EmptyFilters {
		name := string(criterion)
		d.AddAttributeWarning(path.Root(name), "Filter matches no detection", fmt.Sprintf(
			"The service returned %s, and %s alone matches none of them. Check the spelling of its values.", returned, name))
	}
	return d
}

// undocumented returns a warning for each text of an open set that Microsoft does not
// document. Validation alone calls it: a read would repeat the warnings.
func undocumented(arguments types.Object) (d diag.Diagnostics) {
	c := converter{path.Empty(), arguments.Attributes(), &d}
	for _, set := range []struct {
		argument, noun, plural string
		documented             []string
	}{
		{"categories", "category", "categories", alert.Categories[:]},
		{"service_sources", "product", "products", alert.Products[:]},
	} {
		for i, element := range c.elements(set.argument) {
			text, ok := element.(types.String)
			if !ok || strings.TrimSpace(text.ValueString()) == "" { // unknown, or an error of newRequest
				continue
			}
			if !slices.ContainsFunc(set.documented, func(name string) bool { return strings.EqualFold(name, text.ValueString()) }) {
				at := path.Root(set.argument).AtListIndex(i)
				d.AddAttributeWarning(at, "Undocumented "+set.noun, fmt.Sprintf(
					"The value of %s is not a %s that Microsoft documents. If it is misspelt, the filter hides alerts. Documented %s: %s.",
					at, set.noun, set.plural, strings.Join(set.documented, ", ")))
			}
		}
	}
	return d
}

// idList returns a sentence with the IDs of the alerts, or with their positions if no ID
// can be printed; "" if there are none.
func idList(p alert.Positions) string {
	if len(p.First) == 0 {
		return ""
	}
	label, names := "Alert IDs: ", slices.Clone(p.IDs)
	if len(names) == 0 {
		label = "Positions in the response, from 0: "
		for _, index := range p.First {
			names = append(names, strconv.Itoa(index))
		}
	}
	text := label + strings.Join(names, ", ")
	if p.Count > len(p.First) {
		text += " …"
	}
	return text + "."
}
