package provider

import (
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// An Environment is where settings that the provider block leaves unset come from.
type Environment struct {
	Lookup func(variable string) (string, bool) // as os.LookupEnv
	List   func() []string                      // as os.Environ
}

// SystemEnvironment returns the environment of this process.
func SystemEnvironment() Environment { return Environment{os.LookupEnv, os.Environ} }

// ownVariable matches the names that a variable of this provider can have. Others are
// not printed, as what is in them is no name.
var ownVariable = regexp.MustCompile(`^MDATP_[A-Za-z0-9_]{1,60}$`)

// maxUnknown limits the unknown variables that a text names.
const maxUnknown = 3

// unknownVariables returns a sentence with the variables of this provider's prefix that
// it does not know, or "" if there is none. One of them can be a misspelt setting.
func (e Environment) unknownVariables() string {
	var known, unknown []string
	for _, argument := range slices.Concat(providerArguments, environmentSettings) {
		known = append(known, argument.variables()...)
	}
	for _, variable := range e.List() {
		name, _, _ := strings.Cut(variable, "=")
		if runtime.GOOS == "windows" { // where variables are case-insensitive
			name = strings.ToUpper(name)
		}
		if ownVariable.MatchString(name) && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	if len(unknown) > maxUnknown {
		unknown = append(unknown[:maxUnknown], "others")
	}
	return setBut(unknown, "the provider has no such variable")
}

// setBut returns a sentence about variables that are set in vain, or "" if there is none.
func setBut(variables []string, problem string) string {
	last := len(variables) - 1
	switch last {
	case -1:
		return ""
	case 0:
		return variables[0] + " is set, but " + problem + "."
	}
	return strings.Join(variables[:last], ", ") + " and " + variables[last] + " are set, but " + problem + "."
}
