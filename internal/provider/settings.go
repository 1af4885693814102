package provider

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// settings resolves the provider's arguments: the block first, then the
// environment. What is wrong goes to diagnostics, all of it at once.
type settings struct {
	getenv      func(string) string
	block       map[string]blockValue // by argument, with _file_path
	diagnostics *diag.Diagnostics
}

// A blockValue is what the provider block gives; text is "" for null.
type blockValue struct {
	text    string
	given   bool
	unknown bool
}

func newSettings(ctx context.Context, config tfsdk.Config, getenv func(string) string, d *diag.Diagnostics) *settings {
	s := &settings{getenv: getenv, block: make(map[string]blockValue), diagnostics: d}
	for _, a := range arguments {
		if a.number {
			var value types.Number
			d.Append(config.GetAttribute(ctx, path.Root(a.name), &value)...)
			s.block[a.name] = blockValue{given: !value.IsNull(), unknown: value.IsUnknown()}
			if !value.IsNull() && !value.IsUnknown() {
				s.block[a.name] = blockValue{text: wholeText(value.ValueBigFloat()), given: true}
			}
			continue
		}
		s.readText(ctx, config, a.name)
		if a.file != nil {
			s.readText(ctx, config, a.name+filePath)
		}
	}
	return s
}

func (s *settings) readText(ctx context.Context, config tfsdk.Config, name string) {
	var value types.String
	s.diagnostics.Append(config.GetAttribute(ctx, path.Root(name), &value)...)
	s.block[name] = blockValue{text: value.ValueString(), given: !value.IsNull(), unknown: value.IsUnknown()}
}

// unknown lists the arguments whose value in the block is not known yet.
func (s *settings) unknown() []argument {
	var list []argument
	for _, a := range arguments {
		if s.block[a.name].unknown {
			list = append(list, a)
		}
		if s.block[a.name+filePath].unknown {
			list = append(list, argument{name: a.name + filePath, label: "file of the " + a.label})
		}
	}
	return list
}

// value resolves one argument. It returns "" when it is given nowhere, and when
// it is wrong, which the diagnostics then say.
func (s *settings) value(name string) string {
	a := findArgument(name)
	level := s.fromBlock(a)
	if !level.direct.given && !level.file.given {
		level = s.fromEnvironment(a)
	}
	value, ok := s.agreed(a, level)
	if !ok {
		return ""
	}
	return value
}

// required is value for an argument that has to be given.
func (s *settings) required(name string) string {
	reported := len(*s.diagnostics)
	value := s.value(name)
	if value == "" && len(*s.diagnostics) == reported {
		a := findArgument(name)
		s.diagnostics.AddAttributeError(path.Root(name), "Missing "+a.label,
			"Set "+name+" in the provider block or the "+a.env[0]+" environment variable.")
	}
	return value
}

// or is value with a default.
func (s *settings) or(name, fallback string) string {
	if value := s.value(name); value != "" {
		return value
	}
	return fallback
}

func findArgument(name string) argument {
	for _, a := range arguments {
		if a.name == name {
			return a
		}
	}
	panic("provider: no argument " + name)
}

// A source is one place that gives a value, or the path of a file with it.
type source struct {
	given  bool
	text   string
	origin string // for diagnostics
}

// A level is the block or the environment: both forms of one argument.
type level struct{ direct, file source }

func (s *settings) fromBlock(a argument) level {
	source := func(name string) source {
		value := s.block[name]
		return source{value.given, value.text, name + " in the provider block"}
	}
	return level{source(a.name), source(a.name + filePath)}
}

func (s *settings) fromEnvironment(a argument) level {
	first := func(variables []string) source {
		for _, name := range variables {
			if value := s.getenv(name); value != "" {
				return source{true, value, "the environment variable " + name}
			}
		}
		return source{}
	}
	return level{first(a.env), first(a.file)}
}

// agreed returns the value of a level. When it gives both the value and a file,
// they have to be the same.
func (s *settings) agreed(a argument, l level) (string, bool) {
	direct, ok := s.direct(a, l.direct)
	if !l.file.given {
		return direct, ok
	}
	content, read := s.content(a, l.file)
	if !ok || !read {
		return "", false
	}
	if l.direct.given && direct != content {
		s.diagnostics.AddAttributeError(path.Root(a.name), "Conflicting "+a.label,
			"Both "+l.direct.origin+" and "+l.file.origin+" are set, and they differ. Remove one of them.")
		return "", false
	}
	return content, true
}

func (s *settings) direct(a argument, from source) (string, bool) {
	if !from.given {
		return "", true
	}
	value := from.text
	if a.sensitive {
		value = strings.TrimSpace(value)
		if value != from.text {
			s.diagnostics.AddAttributeWarning(path.Root(a.name), "White space around the "+a.label,
				"The value of "+from.origin+" starts or ends with white space, such as a line break. It was left out.")
		}
	}
	return value, s.checked(a, path.Root(a.name), from, value)
}

// content reads the file that a source names.
func (s *settings) content(a argument, from source) (string, bool) {
	at := path.Root(a.name + filePath)
	text, err := readFile(from.text)
	if err != nil {
		s.diagnostics.AddAttributeError(at, "Unreadable file of the "+a.label,
			"The file that "+from.origin+" names cannot be read: "+fileProblem(err)+". Check the path and who may read it.")
		return "", false
	}
	value := strings.TrimSpace(string(text))
	from.origin = "the file that " + from.origin + " names"
	return value, s.checked(a, at, from, value)
}

// maxFile is more than any setting has: a path can name a device without an end.
const maxFile = 64 << 10

func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxFile))
}

func fileProblem(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission was denied"
	}
	return "reading it failed"
}

func (s *settings) checked(a argument, at path.Path, from source, value string) bool {
	err := a.check(value)
	if err == nil {
		return true
	}
	detail := "The value of " + from.origin + " cannot be used: " + err.Error() + "."
	if strings.TrimSpace(value) != value {
		detail += " It starts or ends with white space."
	}
	s.diagnostics.AddAttributeError(at, "Invalid "+a.label, detail)
	return false
}
