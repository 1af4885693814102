package entra

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"software.sslmate.com/src/go-pkcs12"
)

// assertionLifetime is the lifetime of an assertion, the longest that the page
// "Microsoft identity platform application authentication certificate credentials"
// advises: a wrong clock of this computer shortens it.
const assertionLifetime = 10 * time.Minute

// Certificate returns the credential with the certificate and RSA key of a PKCS#12
// or PEM file. The password is of the PKCS#12 file; keys in PEM are not encrypted.
// Other certificates in the file are ignored. The error is a sentence that quotes
// nothing of the file.
func Certificate(file []byte, password string) (Credential, error) {
	var (
		key   any
		certs []*x509.Certificate
		err   error
	)
	switch {
	case len(bytes.TrimSpace(file)) == 0:
		err = errors.New("it is empty")
	case bytes.Contains(file, beginPEM):
		key, certs, err = parsePEM(file)
	default:
		key, certs, err = parsePKCS12(file, password)
	}
	if err != nil {
		return Credential{}, err
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return Credential{}, errors.New("its private key is not an RSA key")
	}
	for _, cert := range certs {
		if private.PublicKey.Equal(cert.PublicKey) {
			return proving(ClientCertificate, signedBy(private, cert)), nil
		}
	}
	return Credential{}, errors.New("its certificate does not belong to its private key")
}

// beginPEM begins each block of a PEM file.
var beginPEM = []byte("-----BEGIN ")

// errContent is the error of a file in neither form.
var errContent = errors.New("it is not a PKCS#12 or PEM file with a certificate and its private key")

func parsePKCS12(file []byte, password string) (key any, certs []*x509.Certificate, err error) {
	key, cert, chain, err := pkcs12.DecodeChain(file, password)
	switch {
	case err == nil:
		return key, append(chain, cert), nil
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		if password == "" {
			return nil, nil, errors.New("it needs a password")
		}
		return nil, nil, errors.New("its password is wrong")
	case isDER(file):
		return nil, nil, errors.New("it is a certificate or a private key in DER form: combine both in a PKCS#12 or PEM file")
	}
	return nil, nil, errContent
}

// isDER reports whether a file is a certificate or a private key in DER form.
func isDER(file []byte) bool {
	_, ofCertificate := x509.ParseCertificate(file)
	_, ofPKCS8 := x509.ParsePKCS8PrivateKey(file)
	_, ofPKCS1 := x509.ParsePKCS1PrivateKey(file)
	return ofCertificate == nil || ofPKCS8 == nil || ofPKCS1 == nil
}

func parsePEM(file []byte) (key any, certs []*x509.Certificate, err error) {
	damaged := bytes.Count(file, beginPEM)
	for block, rest := pem.Decode(file); block != nil; block, rest = pem.Decode(rest) {
		damaged--
		var parsed any
		switch {
		case block.Type == "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, errors.New("one of its certificates is malformed")
			}
			certs = append(certs, cert)
			continue
		case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return nil, nil, errors.New("its private key is encrypted, which PEM files must not be: decrypt it, or use PKCS#12")
		case block.Type == "PRIVATE KEY":
			parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case block.Type == "RSA PRIVATE KEY":
			parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case block.Type == "EC PRIVATE KEY":
			parsed, err = x509.ParseECPrivateKey(block.Bytes)
		default:
			continue
		}
		if err != nil {
			return nil, nil, errors.New("its private key is malformed")
		}
		if key != nil {
			return nil, nil, errors.New("it has several private keys")
		}
		key = parsed
	}
	switch {
	case (key == nil || certs == nil) && damaged > 0:
		return nil, nil, errors.New("one of its PEM blocks is damaged")
	case key == nil && certs == nil:
		return nil, nil, errContent
	case key == nil:
		return nil, nil, errors.New("it has no private key")
	case certs == nil:
		return nil, nil, errors.New("it has no certificate")
	}
	return key, certs, nil
}

// signedBy returns the proof of an assertion that the key signs.
func signedBy(key *rsa.PrivateKey, cert *x509.Certificate) proof {
	thumbprint := sha256.Sum256(cert.Raw)
	return func(_ context.Context, s *signIn) (url.Values, error) {
		now := time.Now()
		switch {
		case now.After(cert.NotAfter):
			return nil, s.bad("The certificate expired on " + day(cert.NotAfter) + ".")
		case now.Before(cert.NotBefore):
			return nil, s.bad("The certificate is not valid before " + day(cert.NotBefore) + ".")
		}
		assertion := jwt.NewWithClaims(jwt.SigningMethodPS256, jwt.MapClaims{
			"aud": s.endpoint().String(),
			"iss": s.known.ClientID,
			"sub": s.known.ClientID,
			"jti": newID(),
			"iat": now.Unix(),
			"nbf": now.Unix(),
			"exp": now.Add(assertionLifetime).Unix(),
		})
		assertion.Header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(thumbprint[:])
		text, err := assertion.SignedString(key)
		if err != nil {
			return nil, s.bad("The private key of the certificate cannot sign.")
		}
		return clientAssertion(text), nil
	}
}

// clientAssertion returns the form fields of an assertion (RFC 7523, 2.2).
func clientAssertion(text string) url.Values {
	return url.Values{
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {text},
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// newID returns a random GUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}
