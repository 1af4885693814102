package provider

import (
	"errors"
	"io"
	"io/fs"
	"math/big"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A settingInput holds the attributes of the provider block, by name, and the
// environment.
type settingInput struct {
	block  map[string]attr.Value
	getenv func(string) string
}

// A level is one place of settings: the provider block or the environment. The
// first level that sets an argument counts, whether directly or by a file.
type level struct{ direct, file candidate }

// A candidate is the unparsed value of a setting, or the path of its file.
type candidate struct {
	set    bool
	text   string
	number *big.Float // in place of text; nil: a text
	origin string     // for diagnostics
}

func (s *settingRow[T]) levels(in settingInput) []level {
	return []level{
		{in.attribute(s.name), in.attribute(s.name + filePath)},
		{in.variable(s.env), in.variable(s.file)},
	}
}

func (in settingInput) attribute(name string) candidate {
	c := candidate{origin: name + " in the provider block"}
	switch value := in.block[name].(type) {
	case types.String:
		c.set, c.text = !value.IsNull() && !value.IsUnknown(), value.ValueString()
	case types.Number:
		c.set, c.number = !value.IsNull() && !value.IsUnknown(), value.ValueBigFloat()
	}
	return c
}

func (in settingInput) variable(names []string) candidate {
	for _, name := range names {
		if value := in.getenv(name); value != "" {
			return candidate{set: true, text: value, origin: "the environment variable " + name}
		}
	}
	return candidate{}
}

// validate rejects values of the block that the row cannot parse.
func (s *settingRow[T]) validate(in settingInput) (d diag.Diagnostics) {
	if c := in.attribute(s.name); c.set {
		c.text = s.trimmed(c.text)
		if _, err := s.parseValue(c); err != nil {
			d.Append(invalidValue(path.Root(s.name), s.label, err))
		}
	}
	if c := in.attribute(s.name + filePath); c.set {
		if _, err := parseText(c.text); err != nil {
			d.Append(invalidValue(path.Root(s.name+filePath), "file of the "+s.label, err))
		}
	}
	return d
}

func (s *settingRow[T]) parseValue(c candidate) (T, error) {
	if c.number != nil {
		return s.number(c.number)
	}
	return s.parse(c.text)
}

// unknown returns an error for each unknown value of the block.
func (s *settingRow[T]) unknown(in settingInput) (d diag.Diagnostics) {
	for _, form := range [][2]string{{s.name, s.label}, {s.name + filePath, "file of the " + s.label}} {
		name, label := form[0], form[1]
		if value, ok := in.block[name]; ok && value.IsUnknown() {
			d.AddAttributeError(path.Root(name), "Unknown "+label,
				"The value of "+name+" is known only after apply. Set a value that is known when planning, set it in the environment, "+
					"or first apply what it depends on with -target.")
		}
	}
	return d
}

// A resolved setting is a value with its origin.
type resolved[T any] struct {
	value  T
	set    bool   // in the block or the environment, valid or not
	origin string // in words, for diagnostics; "" if it is unset
}

// resolve returns the value of a setting, or its fallback if it is unset. If the
// diagnostics have an error, the value must not be used.
func (s *settingRow[T]) resolve(in settingInput) (resolved[T], diag.Diagnostics) {
	for _, l := range s.levels(in) {
		if l.direct.set || l.file.set {
			return s.resolveAt(l)
		}
	}
	return resolved[T]{value: s.fallback}, nil
}

// resolveAt returns the value that a level sets. A value and a file on the same
// level must agree.
func (s *settingRow[T]) resolveAt(l level) (r resolved[T], d diag.Diagnostics) {
	at := path.Root(s.name)
	if l.direct.set {
		if trimmed := s.trimmed(l.direct.text); trimmed != l.direct.text {
			d.AddAttributeWarning(at, "White space around the "+s.label,
				"The value of "+l.direct.origin+" starts or ends with white space, such as a line break. It was trimmed.")
			l.direct.text = trimmed
		}
		var diags diag.Diagnostics
		r, diags = s.parseCandidate(at, l.direct)
		d.Append(diags...)
	}
	if !l.file.set {
		return r, d
	}
	atFile := path.Root(s.name + filePath)
	text, err := readSettingFile(l.file.text)
	if err != nil {
		d.AddAttributeError(atFile, "Unreadable file of the "+s.label,
			"The file that "+l.file.origin+" names cannot be read: "+err.Error()+". Check the path and who may read it.")
		return resolved[T]{set: true, origin: l.file.origin}, d
	}
	r, diags := s.parseCandidate(atFile, candidate{text: text, origin: "the file that " + l.file.origin + " names"})
	d.Append(diags...)
	if l.direct.set && l.direct.text != text && !d.HasError() {
		d.AddAttributeError(at, "Conflicting "+s.label,
			"Both "+l.direct.origin+" and "+l.file.origin+" are set, and they differ. Remove one of them.")
	}
	return r, d
}

func (s *settingRow[T]) parseCandidate(at path.Path, c candidate) (resolved[T], diag.Diagnostics) {
	value, err := s.parseValue(c)
	r := resolved[T]{value: value, set: true, origin: c.origin}
	if err == nil {
		return r, nil
	}
	detail := "The value of " + c.origin + " cannot be used: " + err.Error() + "."
	if strings.TrimSpace(c.text) != c.text {
		detail += " It starts or ends with white space."
	}
	return r, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Invalid "+s.label, detail)}
}

// maxFile is more than any setting needs, in bytes; the path may be an endless device's.
const maxFile = 64 << 10

// readSettingFile returns the content of a file without surrounding white space.
// Its errors do not quote the path.
func readSettingFile(name string) (string, error) {
	file, err := os.Open(name)
	if err == nil {
		defer func() { _ = file.Close() }()
		var content []byte
		if content, err = io.ReadAll(io.LimitReader(file, maxFile+1)); err == nil && len(content) <= maxFile {
			return strings.TrimSpace(string(content)), nil
		}
	}
	switch {
	case err == nil:
		return "", errors.New("it is larger than 64 KiB")
	case errors.Is(err, fs.ErrNotExist):
		return "", errors.New("there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return "", errors.New("permission was denied")
	}
	return "", errors.New("reading it failed")
}

// resolvedSettings are all arguments of the provider, each under its row; see
// settingRow.in.
type resolvedSettings map[providerArgument]any

// resolveSettings resolves all arguments. Its errors are about invalid values;
// missingSettings reports unset ones.
func resolveSettings(in settingInput) (resolvedSettings, diag.Diagnostics) {
	var d diag.Diagnostics
	s := make(resolvedSettings)
	for _, argument := range providerArguments {
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

// missingSettings returns an error for each required argument that is unset. The
// SIEM API needs a region if one of the addresses is unset.
func missingSettings(s resolvedSettings) (d diag.Diagnostics) {
	required := []providerArgument{tenantID, clientID, clientSecret}
	if apiSetting.in(s).value == siemAPI && (!authorityHost.in(s).set || !siemEndpoint.in(s).set) {
		required = append(required, regionSetting)
	}
	for _, argument := range required {
		d.Append(argument.missing(s)...)
	}
	return d
}

func (s *settingRow[T]) missing(all resolvedSettings) (d diag.Diagnostics) {
	if !s.in(all).set {
		d.AddAttributeError(path.Root(s.name), "Missing "+s.label,
			sentences("Set "+s.name+" in the provider block or the "+s.env[0]+" environment variable.", s.missingHint))
	}
	return d
}
