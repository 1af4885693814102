package entra

import (
	"context"
	"errors"
	"net/url"

	"github.com/mdatp/terraform-provider-mdatp/internal/inputfile"
)

// federated returns a credential whose proofs are the OIDC tokens of another issuer,
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

// Assertion returns the credential with an OIDC token of another issuer.
func Assertion(text string) Credential {
	return federated(OIDCToken, func(_ context.Context, s *signIn) (string, error) {
		if !isToken(text) {
			return "", s.bad("The OIDC token is empty, longer than 64 KiB, or has a character that a token cannot have.")
		}
		return text, nil
	})
}

// AssertionFile returns the credential with a file that contains an OIDC token, such
// as AZURE_FEDERATED_TOKEN_FILE names. It is read for each token request, because
// whoever writes it replaces the token before it expires.
func AssertionFile(path string) Credential {
	return federated(OIDCTokenFile, func(_ context.Context, s *signIn) (string, error) {
		text, err := inputfile.Text(path, maxToken)
		switch {
		case err != nil:
		case text == "":
			err = errors.New("it is empty")
		case !isToken(text):
			err = errors.New("it has a character that a token cannot have")
		}
		if err != nil {
			return "", s.bad("The file of the OIDC token cannot be used: " + err.Error() + ".")
		}
		return text, nil
	})
}
