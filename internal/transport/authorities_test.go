package transport_test

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

func TestAuthorities(t *testing.T) {
	t.Parallel()
	_, one := certificate(t, nil, nil)
	_, other := certificate(t, nil, nil)
	block := func(kind string) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte(canary)}) }
	for name, test := range map[string]struct {
		text  []byte
		added []*authority // to the system's
		err   string
	}{
		"one":               {one.pem, []*authority{one}, ""},
		"two":               {slices.Concat(one.pem, other.pem), []*authority{one, other}, ""},
		"with other blocks": {slices.Concat([]byte("# service.test\n"), block("PRIVATE KEY"), one.pem, block("X509 CRL")), []*authority{one}, ""},
		"empty":             {nil, nil, "it is not PEM, which has lines such as -----BEGIN CERTIFICATE-----"},
		"DER":               {one.certificate.Raw, nil, "it is not PEM, which has lines such as -----BEGIN CERTIFICATE-----"},
		"a key":             {block("PRIVATE KEY"), nil, "it has no certificate"},
		"no X.509":          {slices.Concat(one.pem, block("CERTIFICATE")), nil, "its certificate 2 is damaged"},
		"truncated":         {slices.Concat(one.pem, other.pem[:len(other.pem)/2]), nil, "one of its PEM blocks is damaged"},
		"only half a block": {one.pem[:len(one.pem)/2], nil, "one of its PEM blocks is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := transport.Authorities(test.text)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("Authorities() fails with %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatalf("Authorities() fails with %v, want nil", err)
			}
			want, err := x509.SystemCertPool()
			if err != nil {
				t.Fatal(err)
			}
			for _, each := range test.added {
				want.AddCert(each.certificate)
			}
			if !got.Equal(want) {
				t.Errorf("Authorities() = %v, want the system's and %d more", got, len(test.added))
			}
		})
	}
}
