// Package tokenfile keeps a refresh token in a file: what the login command stores
// and the setting refresh_token_file_path names.
//
// Entra ID replaces refresh tokens when they are used, so that runs share the file
// and each stores the newer token for the next one. A change is:
//
//	unlock, err := tokenfile.Lock(ctx, path) // excludes other runs
//	f, err := tokenfile.Read(path)
//	f.RefreshToken = …
//	err = tokenfile.Write(path, f) // the file is the old one or the new one, never a part
//	unlock()
//
// Errors are half sentences that quote neither the path nor the file, but those of a
// context are its own.
package tokenfile

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/inputfile"
)

// A File is the content of a file. It prints without the token.
type File struct {
	Tenant       string `json:"tenant"` // "" in a bare token
	Client       string `json:"client"` // "" in a bare token
	RefreshToken string `json:"refresh_token"`
}

// String returns a text without the token.
func (File) String() string { return "refresh token" }

// GoString returns a text without the token.
func (File) GoString() string { return "refresh token" }

// maxFile limits a file, in bytes.
const maxFile = 64 << 10

// Read reads a file: the JSON object with the members of a File, or a bare token.
func Read(path string) (File, error) {
	text, err := inputfile.Text(path, maxFile)
	if err != nil {
		return File{}, err
	}
	f := File{RefreshToken: text}
	if strings.HasPrefix(text, "{") {
		f = File{}
		if json.Unmarshal([]byte(text), &f, json.RejectUnknownMembers(true)) != nil {
			return File{}, errors.New("it is not the JSON object that the login command stores")
		}
		if f.Tenant == "" || f.Client == "" {
			return File{}, errors.New("its tenant or client is missing")
		}
	}
	if err := f.check(); err != nil {
		return File{}, err
	}
	return f, nil
}

func (f File) isBare() bool { return f.Tenant == "" && f.Client == "" }

// check accepts a bare token, and a token with its tenant and client.
func (f File) check() error {
	switch {
	case f.RefreshToken == "":
		return errors.New("it is empty")
	case strings.ContainsAny(f.RefreshToken[:1], `"'`):
		return errors.New("its token is in quotation marks")
	case !isPrintable(f.RefreshToken) && f.isBare():
		return errors.New("it is not what the login command stores, and has a character that a token cannot have")
	case !isPrintable(f.RefreshToken):
		return errors.New("it has a character that a token cannot have")
	case f.isBare():
		return nil
	case f.Tenant == "", f.Client == "", !isPrintable(f.Tenant), !isPrintable(f.Client):
		return errors.New("its tenant or client is missing or malformed")
	}
	return nil
}

// isPrintable reports whether a text has only ASCII characters that are visible.
func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// encode returns the text of a file: that of a bare token if there is no tenant.
func (f File) encode() ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	text := []byte(f.RefreshToken)
	if !f.isBare() {
		var err error
		if text, err = json.Marshal(f, jsontext.Multiline(true)); err != nil {
			return nil, errors.New("it cannot be encoded")
		}
	}
	text = append(text, '\n')
	if len(text) > maxFile {
		return nil, errors.New("it is larger than 64 KiB")
	}
	return text, nil
}
