package entra

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
)

// federated returns a credential whose proofs are the ID tokens of another issuer,
// after the page "Workload identity federation". The error of source ends the
// acquisition.
func federated(name string, source func(context.Context, *signIn) (string, error)) Credential {
	return proving(name, func(ctx context.Context, s *signIn) (url.Values, error) {
		text, err := source(ctx, s)
		if err != nil {
			return nil, err
		}
		return clientAssertion(text), nil
	})
}

// Assertion returns the credential with an ID token of another issuer.
func Assertion(text string) Credential {
	return federated(OIDCToken, func(_ context.Context, s *signIn) (string, error) {
		if !isToken(text) {
			return "", s.bad("The OIDC token is empty, longer than 64 KiB, or has a character that a token cannot have.")
		}
		return text, nil
	})
}

// AssertionFile returns the credential with a file that contains an ID token, such
// as AZURE_FEDERATED_TOKEN_FILE names. It is read for each token request, because
// whoever writes it replaces the token before it expires.
func AssertionFile(path string) Credential {
	return federated(OIDCTokenFile, func(_ context.Context, s *signIn) (string, error) {
		text, problem := readToken(path)
		if problem != "" {
			return "", s.bad("The file of the OIDC token cannot be used: " + problem + ".")
		}
		return text, nil
	})
}

// readToken returns the token in a file, without byte order mark and surrounding
// white space, or what is wrong with the file.
func readToken(path string) (text, problem string) {
	content, err := readRegular(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "", "permission was denied"
	case errors.Is(err, errNotRegular):
		return "", "it is not a regular file"
	case err != nil:
		return "", "reading it failed"
	case len(content) > maxToken:
		return "", "it is larger than 64 KiB"
	}
	text = strings.TrimSpace(strings.TrimPrefix(string(content), "\uFEFF"))
	switch {
	case text == "":
		return "", "it is empty"
	case !isToken(text):
		return "", "it has a character that a token cannot have"
	}
	return text, ""
}

var errNotRegular = errors.New("entra: not a regular file")

// readRegular returns the first bytes of a regular file, one more than a token can
// have. It looks before it opens: opening a named pipe waits for a writer.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxToken+1))
}
