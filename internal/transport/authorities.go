package transport

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Authorities returns the system's certificate authorities and those of a PEM text.
// Every certificate of the text must be readable; other blocks are ignored. The error
// is a half sentence that never quotes the text.
func Authorities(text []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // trusts less
	}
	blocks, certificates := 0, 0
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		blocks++
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificates++
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("its certificate %d is damaged", certificates)
		}
		pool.AddCert(certificate)
	}
	switch {
	case bytes.Count(text, []byte("-----BEGIN ")) > blocks:
		return nil, errors.New("one of its PEM blocks is damaged")
	case blocks == 0:
		return nil, errors.New("it is not PEM, which has lines such as -----BEGIN CERTIFICATE-----")
	case certificates == 0:
		return nil, errors.New("it has no certificate")
	}
	return pool, nil
}
