package main

import "testing"

func TestAbsoluteLinks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ page, text, want string }{
		{"docs/index.md", "[a](guides/gates.md) [b](guides/gates.md#x-y)", "[a](" + registryDocs + "/guides/gates) [b](" + registryDocs + "/guides/gates#x-y)"},
		{"docs/guides/gates.md", "[a](signing-in.md)", "[a](" + registryDocs + "/guides/signing-in)"},
		{"docs/data-sources/alerts.md", "[a](../guides/gates.md#x)", "[a](" + registryDocs + "/guides/gates#x)"},
		{"docs/guides/gates.md", "[a](../index.md) [b](../index.md#schema)", "[a](" + registryDocs + ") [b](" + registryDocs + "#schema)"},
		{"docs/guides/gates.md", "[a](#heading) [b](https://example.com/x.md)", "[a](#heading) [b](https://example.com/x.md)"},
	} {
		if got := absoluteLinks(test.page, test.text); got != test.want {
			t.Errorf("absoluteLinks(%s, %s) = %s, want %s", test.page, test.text, got, test.want)
		}
	}
}
