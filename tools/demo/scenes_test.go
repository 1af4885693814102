package main

import "testing"

func TestGateExample(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"Terraform v1.9.8":      "gate-fail-on",
		"Terraform v1.10.0":     "gate-ephemeral",
		"Terraform v1.16.0-rc2": "gate-ephemeral",
		"OpenTofu v1.10.5":      "gate-fail-on",
		"OpenTofu v1.11.0":      "gate-ephemeral",
		"Terraform v2.0.0":      "gate-ephemeral",
		"unreadable":            "gate-ephemeral",
	} {
		if got := gateExample(version); got != want {
			t.Errorf("gateExample(%q) = %s, want %s", version, got, want)
		}
	}
}
