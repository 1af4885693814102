package entra

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/oauth2"

	"github.com/mdatp/terraform-provider-mdatp/internal/tokenfile"
)

// RefreshToken returns the credential with the refresh token of a person who signed in
// to the application. secret is that of a confidential client, or "". Entra ID
// replaces the token when it is used: this process goes on with the newer one, and
// warn is called once with a sentence that quotes nothing.
func RefreshToken(text, secret string, warn func(problem string)) Credential {
	return refreshing(secret, &heldToken{text: text, warn: once(warn)})
}

// RefreshTokenFile is RefreshToken with a file of package tokenfile, which the newer
// token replaces. The file is locked from before it is read until then, so that any
// number of processes can share it. warn is called once if it cannot be replaced.
func RefreshTokenFile(path, secret string, warn func(problem string)) Credential {
	return refreshing(secret, &storedToken{path: path, warn: once(warn)})
}

// A refreshStore keeps the newest refresh token. One exchange uses it at a time.
type refreshStore interface {
	// lock excludes other processes.
	lock(ctx context.Context, s *signIn) (unlock func(), err error)
	// read returns the newest token.
	read(s *signIn) (string, error)
	// replace stores the token that replaces the one read last.
	replace(newer string)
}

// refreshing returns the credential that exchanges the refresh tokens of a store.
func refreshing(secret string, store refreshStore) Credential {
	turn := make(chan struct{}, 1)
	return Credential{Refresh, func(ctx context.Context, s *signIn) (token, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return token{}, s.ended(ctx)
		}
		unlock, err := store.lock(ctx, s)
		if err != nil {
			return token{}, err
		}
		defer unlock()
		return s.refresh(ctx, secret, store)
	}}
}

// refresh gets a token with the refresh token grant. Each attempt reads the store, as
// something may replace the token without the lock.
func (s *signIn) refresh(ctx context.Context, secret string, store refreshStore) (token, error) {
	var sent string
	replaced := &oauth2.Token{RefreshToken: "of the store"} // without one x/oauth2 sends nothing; the proof replaces it
	got, newer, err := s.exchange(ctx, func(context.Context, *signIn) (url.Values, error) {
		var err error
		sent, err = store.read(s)
		return url.Values{"refresh_token": {sent}, s.audience.key: {s.audience.delegated}}, err
	}, func(ctx context.Context) (*oauth2.Token, error) {
		return s.person(secret).TokenSource(ctx, replaced).Token()
	})
	if err != nil {
		return token{}, err
	}
	if newer != "" && newer != sent {
		store.replace(newer)
	}
	return got, nil
}

// person returns the configuration of grants for persons.
func (s *signIn) person(secret string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     s.known.ClientID,
		ClientSecret: secret,
		Endpoint: oauth2.Endpoint{
			AuthURL:   s.authority.JoinPath(s.known.Tenant, s.audience.folder, "authorize").String(),
			TokenURL:  s.endpoint().String(),
			AuthStyle: oauth2.AuthStyleInParams, // auto-detection sends a wrong secret in two requests
		},
	}
}

// once returns a function that calls warn the first time.
func once(warn func(problem string)) func(problem string) {
	var warned sync.Once
	return func(problem string) { warned.Do(func() { warn(problem) }) }
}

// A heldToken is the store of a refresh token from the settings.
type heldToken struct {
	text string
	warn func(problem string)
}

func (h *heldToken) lock(context.Context, *signIn) (unlock func(), err error) { return func() {}, nil }

func (h *heldToken) read(s *signIn) (string, error) {
	if !isToken(h.text) {
		return "", s.bad("The refresh token is empty, longer than 64 KiB, or has a character that a token cannot have.")
	}
	return h.text, nil
}

func (h *heldToken) replace(newer string) {
	h.text = newer
	h.warn("Entra ID replaced the refresh token with a newer one, which is lost when this run ends. Keep it in a file, which is updated.")
}

// A storedToken is the store of a refresh token in a file.
type storedToken struct {
	path string
	warn func(problem string)

	last tokenfile.File // as read last

	// After a failed write, the token in the file and the one that replaces it.
	outdated, unsaved string
}

// lock locks the file. A file that cannot be replaced needs no lock.
func (f *storedToken) lock(ctx context.Context, s *signIn) (unlock func(), err error) {
	if _, err := f.read(s); err != nil {
		return nil, err // without a lock file beside a wrong path
	}
	unlock, err = tokenfile.Lock(ctx, f.path)
	switch {
	case err == nil:
		return unlock, nil
	case errors.Is(err, tokenfile.ErrReadOnly):
		return func() {}, nil
	case ctx.Err() != nil:
		return nil, s.ended(ctx)
	}
	return nil, s.badFile(err)
}

func (f *storedToken) read(s *signIn) (string, error) {
	var err error
	f.last, err = tokenfile.Read(f.path)
	switch {
	case err != nil:
		return "", s.badFile(err)
	case f.last.Client != "" && !strings.EqualFold(f.last.Client, s.known.ClientID):
		return "", s.badFile(errors.New("it belongs to another application"))
	case f.last.Tenant != "" && !strings.EqualFold(f.last.Tenant, s.known.Tenant):
		return "", s.badFile(errors.New("it belongs to another tenant"))
	case f.last.RefreshToken == f.outdated:
		return f.unsaved, nil
	}
	return f.last.RefreshToken, nil
}

func (f *storedToken) replace(newer string) {
	file := f.last
	file.RefreshToken = newer
	if err := tokenfile.Write(f.path, file); err != nil {
		f.outdated, f.unsaved = f.last.RefreshToken, newer
		f.warn("The file of the refresh token cannot be updated: " + err.Error() + ". The newer token is lost when this run ends.")
		return
	}
	f.outdated, f.unsaved = "", ""
}

func (s *signIn) badFile(err error) error {
	return s.bad("The file of the refresh token cannot be used: " + err.Error() + ".")
}
