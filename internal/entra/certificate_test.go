package entra_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

const day = 24 * time.Hour

// keyPassword protects the PKCS#12 files of the tests.
const keyPassword = "p4ssw0rd~C4nary"

// newCertificate returns a certificate that is valid now, and another with another key.
var newCertificate = sync.OnceValues(func() (own, other *fakeapi.ClientCertificate) {
	var err error
	for _, into := range []**fakeapi.ClientCertificate{&own, &other} {
		if *into, err = fakeapi.NewClientCertificate(time.Now().Add(-day), time.Now().Add(day)); err != nil {
			panic(err)
		}
	}
	return own, other
})

// must returns the first of two results, of which the second must be nil.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func pkcs1(c *fakeapi.ClientCertificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(c.Key)})
}

// TestCertificate signs in with a certificate in every form of file.
func TestCertificate(t *testing.T) {
	t.Parallel()
	own, other := newCertificate()
	bytesOf := must[[]byte](t)
	for name, file := range map[string]struct {
		content  []byte
		password string
	}{
		"PEM":                      {bytesOf(own.PEM()), ""},
		"PEM with CR LF":           {bytes.ReplaceAll(bytesOf(own.PEM()), []byte("\n"), []byte("\r\n")), ""},
		"PKCS#1 key":               {slices.Concat(own.CertificatePEM(), pkcs1(own)), ""},
		"key first, another first": {slices.Concat([]byte("Bag Attributes\n"), pkcs1(own), other.CertificatePEM(), own.CertificatePEM()), ""},
		"damaged chain":            {slices.Concat(bytesOf(own.PEM()), other.CertificatePEM()[:100]), ""},
		"PKCS#12":                  {bytesOf(own.PKCS12(keyPassword)), keyPassword},
		"PKCS#12 with a chain":     {bytesOf(own.PKCS12(keyPassword, other.Certificate)), keyPassword},
		"PKCS#12, empty password":  {bytesOf(own.PKCS12("")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			credential, err := entra.Certificate(file.content, file.password)
			if err != nil {
				t.Fatalf("Certificate() = %v, want nil", err)
			}
			if got := fmt.Sprintf("%#v", credential); got != entra.ClientCertificate {
				t.Errorf("credential prints as %q, want %q", got, entra.ClientCertificate)
			}
			s := start(t, fakeapi.Options{TLS: true})
			s.RegisterCertificate(other.Certificate)
			s.RegisterCertificate(own.Certificate)
			for path, audience := range audiences {
				source := signsIn(t, s, credential, audience)
				source.Invalidate(mustToken(t, source))
				mustToken(t, source)
				sent := s.TokenRequests()
				a, b := assertionIn(t, sent[len(sent)-2]), assertionIn(t, sent[len(sent)-1])
				wantSigned(t, a, own, s.AuthorityHost()+"/"+tenant+"/"+path)
				if a.claims["jti"] == b.claims["jti"] {
					t.Errorf("jti of two assertions = %v, want different ones", a.claims["jti"])
				}
			}
		})
	}
}

// wantSigned checks the header and claims of an assertion; the fake has checked its
// signature.
func wantSigned(t *testing.T, a sentAssertion, c *fakeapi.ClientCertificate, endpoint string) {
	t.Helper()
	thumbprint := sha256.Sum256(c.Raw)
	want := map[string]any{"alg": "PS256", "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(thumbprint[:])}
	if fmt.Sprint(a.header) != fmt.Sprint(want) {
		t.Errorf("header = %v, want %v", a.header, want)
	}
	number := func(key string) time.Time {
		n, _ := a.claims[key].(float64)
		return time.Unix(int64(n), 0)
	}
	nbf, iat, exp := number("nbf"), number("iat"), number("exp")
	if age := time.Since(nbf); age < 0 || age > time.Minute || !iat.Equal(nbf) {
		t.Errorf("nbf, iat = %v, %v, want now", nbf, iat)
	}
	if lifetime := exp.Sub(nbf); lifetime <= 0 || lifetime > 10*time.Minute {
		t.Errorf("exp - nbf = %v, want at most 10m", lifetime)
	}
	if id, _ := a.claims["jti"].(string); !transport.IsGUID(id) {
		t.Errorf("jti = %q, want a GUID", id)
	}
	for _, key := range []string{"nbf", "iat", "exp", "jti"} {
		delete(a.claims, key)
	}
	want = map[string]any{"aud": endpoint, "iss": clientID, "sub": clientID}
	if fmt.Sprint(a.claims) != fmt.Sprint(want) {
		t.Errorf("other claims = %v, want %v", a.claims, want)
	}
}

// Every attempt of a token request has its own assertion: a retry is not a replay.
func TestCertificateSignsEveryAttempt(t *testing.T) {
	t.Parallel()
	own, _ := newCertificate()
	s := start(t, fakeapi.Options{})
	s.RegisterCertificate(own.Certificate)
	s.Script(fakeapi.Token, fakeapi.CutAfter(-1)) // the fake has issued the token
	credential := must[entra.Credential](t)(entra.Certificate(must[[]byte](t)(own.PEM()), ""))
	mustToken(t, signsIn(t, s, credential, entra.Resource(resource)))
	sent := s.TokenRequests()
	if len(sent) != 2 || assertionIn(t, sent[0]).text == assertionIn(t, sent[1]).text {
		t.Errorf("requests = %d, want 2 with different assertions", len(sent))
	}
}

// TestCertificateFiles has what Certificate refuses.
func TestCertificateFiles(t *testing.T) {
	t.Parallel()
	own, other := newCertificate()
	bytesOf := must[[]byte](t)
	ec := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	ecKey := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytesOf(x509.MarshalPKCS8PrivateKey(ec))})
	sec1 := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: bytesOf(x509.MarshalECPrivateKey(ec))})
	p12 := bytesOf(own.PKCS12(keyPassword))
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")})
	legacy := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("x"),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}})
	const isEncrypted = "its private key is encrypted, which PEM files must not be: decrypt it, or use PKCS#12"
	const isDamaged = "one of its PEM blocks is damaged"
	const inDER = "it is a certificate or a private key in DER form: combine both in a PKCS#12 or PEM file"
	const content = "it is not a PKCS#12 or PEM file with a certificate and its private key"
	for name, test := range map[string]struct {
		file     []byte
		password string
		want     string
	}{
		"empty":                     {nil, "", "it is empty"},
		"blank":                     {[]byte("\r\n"), keyPassword, "it is empty"},
		"text":                      {[]byte(keyPassword), keyPassword, content},
		"certificate in DER form":   {own.Raw, keyPassword, inDER},
		"PKCS#1 key in DER form":    {x509.MarshalPKCS1PrivateKey(own.Key), "", inDER},
		"PKCS#8 key in DER form":    {bytesOf(x509.MarshalPKCS8PrivateKey(own.Key)), "", inDER},
		"truncated DER":             {own.Raw[:len(own.Raw)-1], "", content},
		"truncated PKCS#12":         {p12[:len(p12)/2], keyPassword, content},
		"wrong password":            {p12, keyPassword + "x", "its password is wrong"},
		"no password":               {p12, "", "it needs a password"},
		"another key in PKCS#12":    {bytesOf((&fakeapi.ClientCertificate{Certificate: other.Certificate, Key: own.Key}).PKCS12(keyPassword)), keyPassword, "its certificate does not belong to its private key"},
		"another key":               {slices.Concat(other.CertificatePEM(), pkcs1(own)), "", "its certificate does not belong to its private key"},
		"EC key":                    {slices.Concat(own.CertificatePEM(), ecKey), "", "its private key is not an RSA key"},
		"EC key in its own form":    {slices.Concat(own.CertificatePEM(), sec1), "", "its private key is not an RSA key"},
		"encrypted PKCS#8 key":      {slices.Concat(own.CertificatePEM(), encrypted), keyPassword, isEncrypted},
		"encrypted PKCS#1 key":      {slices.Concat(own.CertificatePEM(), legacy), keyPassword, isEncrypted},
		"no key":                    {own.CertificatePEM(), "", "it has no private key"},
		"no certificate":            {pkcs1(own), "", "it has no certificate"},
		"two keys":                  {slices.Concat(pkcs1(own), pkcs1(other), own.CertificatePEM()), "", "it has several private keys"},
		"malformed key":             {slices.Concat(own.CertificatePEM(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})), "", "its private key is malformed"},
		"malformed certificate":     {slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), pkcs1(own)), "", "one of its certificates is malformed"},
		"damaged PEM":               {[]byte("-----BEGIN CERTIFICATE-----\n" + keyPassword), "", isDamaged},
		"damaged key":               {slices.Concat(own.CertificatePEM(), pkcs1(own)[:100]), "", isDamaged},
		"damaged certificate":       {slices.Concat(own.CertificatePEM()[:100], []byte("\n"), pkcs1(own)), "", isDamaged},
		"public key and parameters": {pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")}), "", content},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := entra.Certificate(test.file, test.password)
			if err == nil || err.Error() != test.want {
				t.Errorf("Certificate() = %v, want %s", err, test.want)
			}
			transporttest.QuotesNothing(t, err, keyPassword)
		})
	}
}

// A certificate outside its validity is an error before a request.
func TestCertificateValidity(t *testing.T) {
	t.Parallel()
	own, _ := newCertificate()
	for name, test := range map[string]struct {
		from, until time.Duration
		want        string
	}{
		"expired":       {-2 * day, -time.Minute, `^The certificate expired on [-0-9]{10}\.$`},
		"not yet valid": {time.Hour, day, `^The certificate is not valid before [-0-9]{10}\.$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := must[*fakeapi.ClientCertificate](t)(own.Renewed(time.Now().Add(test.from), time.Now().Add(test.until)))
			credential := must[entra.Credential](t)(entra.Certificate(must[[]byte](t)(c.PEM()), ""))
			s := start(t, fakeapi.Options{})
			_, err := signsIn(t, s, credential, entra.Resource(resource)).Token(t.Context())
			wantBad(t, err, entra.ClientCertificate, test.want)
			if got := len(s.Requests()); got != 0 {
				t.Errorf("requests = %d, want 0", got)
			}
		})
	}
	t.Run("expires during the run", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := must[*fakeapi.ClientCertificate](t)(own.Renewed(time.Now().Add(-time.Hour), time.Now().Add(time.Hour)))
			credential := must[entra.Credential](t)(entra.Certificate(must[[]byte](t)(c.PEM()), ""))
			s := transporttest.NewScript(grants("t0ken", 7200))
			source := entra.NewApplication(entra.Options{
				AuthorityHost: login(), ClientID: clientID, Credential: credential, Audience: entra.Resource(resource), Timeout: time.Minute,
				Client: transport.New(transport.Options{Base: s, MaxAttempts: 1, AttemptTimeout: time.Minute}),
			}).Tenant(tenant)
			mustToken(t, source)
			time.Sleep(3 * time.Hour)
			_, err := source.Token(t.Context())
			wantBad(t, err, entra.ClientCertificate, `^The certificate expired on `)
			if got := len(s.Requests()); got != 1 {
				t.Errorf("requests = %d, want 1", got)
			}
		})
	})
}

// wantBad fails the test unless err is a BadCredential whose Problem matches.
func wantBad(t *testing.T, err error, credential, problem string, hidden ...string) {
	t.Helper()
	e := asSignIn(t, err)
	if e.Kind != entra.BadCredential {
		t.Errorf("Kind = %q, want %q", e.Kind, entra.BadCredential)
	}
	if e.Credential != credential {
		t.Errorf("Credential = %q, want %q", e.Credential, credential)
	}
	if !regexp.MustCompile(problem).MatchString(e.Problem) {
		t.Errorf("Problem = %q, want a match of %s", e.Problem, problem)
	}
	transporttest.QuotesNothing(t, err, hidden...)
}

// TestCertificateRefused has errors of Entra ID.
func TestCertificateRefused(t *testing.T) {
	t.Parallel()
	own, other := newCertificate()
	s := start(t, fakeapi.Options{})
	s.RegisterCertificate(other.Certificate)
	credential := must[entra.Credential](t)(entra.Certificate(must[[]byte](t)(own.PEM()), ""))
	source := signsIn(t, s, credential, entra.Resource(resource))
	_, err := source.Token(t.Context())
	sent := assertionIn(t, s.TokenRequests()[0]).text
	wantSignIn(t, err, entra.Error{Kind: entra.Refused, Credential: entra.ClientCertificate, Status: 401, Code: "invalid_client", STS: 700027}, sent)
	// A response that repeats the assertion.
	s.Script(fakeapi.Token, fakeapi.Reply(http.StatusUnauthorized, http.Header{"Content-Type": {"application/json"}},
		`{"error":"invalid_client","error_description":"`+strings.Repeat(sent, 2)+`","error_codes":[700027]}`))
	_, err = source.Token(t.Context())
	wantSignIn(t, err, entra.Error{Kind: entra.Refused, Credential: entra.ClientCertificate, Status: 401, Code: "invalid_client", STS: 700027}, sent)
}
