package provider

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/inputfile"
)

// A settingInput holds the attributes of the provider block, by name, and the
// environment.
type settingInput struct {
	block       map[string]attr.Value
	environment Environment
	origin      func(argument string) string // in words; nil: in the provider block
}

// A level is one place of settings: the provider block, or the environment
// variables with one prefix. The first level that sets an argument counts, whether
// directly or by a file.
type level struct {
	name         string // providerBlock or a prefix
	direct, file candidate
}

const providerBlock = "provider block"

// prefixes are the levels of the environment, in their order. The last one has the
// variables with none of the prefixes, such as those of CI systems.
var prefixes = []string{"MDATP_", "ARM_", "AZURE_", ""}

// A candidate is the unparsed value of a setting, or the path of its file.
type candidate struct {
	set    bool
	text   string
	number *big.Float // in place of text; nil: a text
	origin string     // for diagnostics
}

func (s *settingRow[T]) levels(in settingInput) []level {
	levels := []level{{providerBlock, in.attribute(s.name), in.attribute(s.name + filePath)}}
	for _, prefix := range prefixes {
		levels = append(levels, level{prefix, in.variable(s.env, prefix), in.variable(s.file, prefix)})
	}
	return levels
}

func (in settingInput) attribute(name string) candidate {
	c := candidate{origin: name + " in the provider block"}
	if in.origin != nil {
		c.origin = in.origin(name)
	}
	switch value := in.block[name].(type) {
	case types.String:
		c.set, c.text = !value.IsNull() && !value.IsUnknown(), value.ValueString()
	case types.Bool:
		c.set, c.text = !value.IsNull() && !value.IsUnknown(), strconv.FormatBool(value.ValueBool())
	case types.Number:
		c.set, c.number = !value.IsNull() && !value.IsUnknown(), value.ValueBigFloat()
	}
	return c
}

// variable returns the first of the variables that has the prefix and is not empty.
func (in settingInput) variable(names []string, prefix string) candidate {
	for _, name := range names {
		if value, _ := in.environment.Lookup(name); value != "" && prefixOf(name) == prefix {
			return candidate{set: true, text: value, origin: "the environment variable " + name}
		}
	}
	return candidate{}
}

// variables returns the names of the environment variables.
func (s *settingRow[T]) variables() []string { return slices.Concat(s.env, s.file) }

func prefixOf(name string) string {
	return prefixes[slices.IndexFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })]
}

// empty returns the variables that are set, but empty.
func (in settingInput) empty(names []string) (empty []string) {
	for _, name := range names {
		if value, ok := in.environment.Lookup(name); ok && value == "" {
			empty = append(empty, name)
		}
	}
	return empty
}

// validate rejects values of the block that the row cannot parse.
func (s *settingRow[T]) validate(in settingInput) (d diag.Diagnostics) {
	if c := in.attribute(s.name); c.set {
		c.text = s.trimmed(c.text)
		if _, err := s.parseValue(c); err != nil {
			d.Append(s.placed(invalidValue(path.Root(s.name), s.label, err)))
		}
	}
	if c := in.attribute(s.name + filePath); c.set {
		if _, err := parseText(c.text); err != nil {
			d.Append(invalidValue(path.Root(s.name+filePath), "file of the "+s.label, err))
		}
	}
	return d
}

// placed returns a diagnostic about the value of the block, without its path if it is a
// secret: Terraform prints the line of the configuration at the path.
func (s *settingRow[T]) placed(d diag.Diagnostic) diag.Diagnostic {
	switch {
	case !s.sensitive:
		return d
	case d.Severity() == diag.SeverityWarning:
		return diag.NewWarningDiagnostic(d.Summary(), d.Detail())
	}
	return diag.NewErrorDiagnostic(d.Summary(), d.Detail())
}

func (s *settingRow[T]) parseValue(c candidate) (T, error) {
	if c.number != nil {
		return s.number(c.number)
	}
	return s.parse(c.text)
}

// unknown returns an error for each unknown value of the block.
func (s *settingRow[T]) unknown(in settingInput) (d diag.Diagnostics) {
	if in.isUnknown(s.name) {
		d.Append(s.placed(unknownValue(s.name, s.label)))
	}
	if in.isUnknown(s.name + filePath) {
		d.Append(unknownValue(s.name+filePath, "file of the "+s.label))
	}
	return d
}

func (in settingInput) isUnknown(name string) bool {
	value, ok := in.block[name]
	return ok && value.IsUnknown()
}

func unknownValue(name, label string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(name), "Unknown "+label,
		"The value of "+name+" is known only after apply. Set a value that is known when planning, set it in the environment, "+
			"or first apply what it depends on with -target.")
}

// A resolved setting is a value with its origin.
type resolved[T any] struct {
	value  T
	set    bool     // in the block or the environment, valid or not
	origin string   // in words, for diagnostics; "" if it is unset
	level  level    // that sets it; its file is not opened before the first read
	empty  []string // the variables that are set, but empty
}

// resolve returns the value of a setting, or its fallback if it is unset. It does
// not open files: open completes a setting that a file contains. If the
// diagnostics have an error, the value must not be used.
func (s *settingRow[T]) resolve(in settingInput) (r resolved[T], d diag.Diagnostics) {
	r = resolved[T]{value: s.fallback, empty: in.empty(s.variables())}
	for _, l := range s.levels(in) {
		if !l.direct.set && !l.file.set {
			continue
		}
		r.set, r.level = true, l
		if !l.direct.set {
			r.origin = "the file that " + l.file.origin + " names"
			return r, nil
		}
		r.origin = l.direct.origin
		at := path.Root(s.name)
		if trimmed := s.trimmed(l.direct.text); trimmed != l.direct.text {
			d.Append(s.placed(diag.NewAttributeWarningDiagnostic(at, "White space around the "+s.label,
				"The value of "+l.direct.origin+" starts or ends with white space, such as a line break. It was trimmed.")))
			r.level.direct.text = trimmed
		}
		var err error
		if r.value, err = s.parseValue(r.level.direct); err != nil {
			d.Append(s.placed(diag.NewAttributeErrorDiagnostic(at, "Invalid "+s.label, unusable(r.level.direct, err))))
		}
		return r, d
	}
	return r, nil
}

// open reads the file of a setting, if a file contains it. A value and a file of
// one level must agree.
func (s *settingRow[T]) open(all resolvedSettings) (d diag.Diagnostics) {
	r := s.in(all)
	file := r.level.file
	if s.file == nil || !file.set {
		return nil
	}
	text, err := inputfile.Text(file.text, maxFile)
	if err != nil {
		d.AddError("Unreadable file of the "+s.label, unreadable(file, err))
		return d
	}
	content := candidate{text: text, origin: "the file that " + file.origin + " names"}
	r.origin = content.origin
	if r.value, err = s.parse(text); err != nil {
		d.AddError("Invalid "+s.label, unusable(content, err))
	} else if direct := r.level.direct; direct.set && direct.text != text {
		d.AddError("Conflicting "+s.label, "Both "+direct.origin+" and "+file.origin+" are set, and they differ. Remove one of them.")
	}
	all[s] = r
	return d
}

// unusable is the detail of an invalid value. problem never quotes it.
func unusable(c candidate, problem error) string {
	detail := "The value of " + c.origin + " cannot be used: " + problem.Error() + "."
	if strings.TrimSpace(c.text) != c.text {
		detail += " It starts or ends with white space."
	}
	return detail
}

// resolvedSettings are all arguments of the provider, a resolved[T] for each; see
// settingRow.in.
type resolvedSettings map[providerArgument]any

// resolveSettings resolves all arguments. Its errors are about invalid values.
// Missing ones and files are errors of connect.
func resolveSettings(in settingInput) (resolvedSettings, diag.Diagnostics) {
	var d diag.Diagnostics
	s := make(resolvedSettings)
	for _, argument := range slices.Concat(providerArguments, environmentSettings) {
		d.Append(argument.resolveInto(s, in)...)
	}
	return s, d
}

func (s *settingRow[T]) resolveInto(all resolvedSettings, in settingInput) diag.Diagnostics {
	r, d := s.resolve(in)
	all[s] = r
	return d
}

// in returns the resolved setting.
func (s *settingRow[T]) in(all resolvedSettings) resolved[T] {
	r, _ := all[s].(resolved[T])
	return r
}
