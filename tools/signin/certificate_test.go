package signin

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// writeCertificate creates a key with a certificate of its own, in a PEM file.
func writeCertificate(t *testing.T) (path string, key *rsa.PublicKey) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	path = filepath.Join(t.TempDir(), "certificate.pem")
	err = errors.Join(
		pem.Encode(&file, &pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.Encode(&file, &pem.Block{Type: "PRIVATE KEY", Bytes: encoded}),
		os.WriteFile(path, file.Bytes(), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	return path, &private.PublicKey
}
