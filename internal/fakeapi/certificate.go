package fakeapi

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// A ClientCertificate is a self-signed certificate with its RSA key, for an
// application to sign in with.
type ClientCertificate struct {
	*x509.Certificate
	Key *rsa.PrivateKey
}

// NewClientCertificate returns a new certificate that is valid between the times.
func NewClientCertificate(notBefore, notAfter time.Time) (*ClientCertificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("fakeapi: %w", err)
	}
	return (&ClientCertificate{Key: key}).Renewed(notBefore, notAfter)
}

// Renewed returns another certificate for the same key.
func (c *ClientCertificate) Renewed(notBefore, notAfter time.Time) (*ClientCertificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "fakeapi client"},
		NotBefore:    notBefore,
		NotAfter:     notAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &c.Key.PublicKey, c.Key)
	if err != nil {
		return nil, fmt.Errorf("fakeapi: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("fakeapi: %w", err)
	}
	return &ClientCertificate{certificate, c.Key}, nil
}

// PEM returns the certificate and the key in PKCS#8 form.
func (c *ClientCertificate) PEM() ([]byte, error) {
	key, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("fakeapi: %w", err)
	}
	return append(c.CertificatePEM(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...), nil
}

// CertificatePEM returns the certificate alone.
func (c *ClientCertificate) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// PKCS12 returns the certificate, its key and a chain in a PKCS#12 file.
func (c *ClientCertificate) PKCS12(password string, chain ...*x509.Certificate) ([]byte, error) {
	file, err := pkcs12.Modern.Encode(c.Key, c.Certificate, chain, password)
	if err != nil {
		return nil, fmt.Errorf("fakeapi: %w", err)
	}
	return file, nil
}
