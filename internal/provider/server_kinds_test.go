package provider_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// servedKinds says for each kind of object in a schema whether a server serves it.
// plugin-go asks by type assertion: a server that only embeds another one hides its
// list resources, actions and state stores. NewServer's server does not, but it does
// not recover from panics of managed resources either.
var servedKinds = map[string]func(tfprotov6.ProviderServer) bool{
	"DataSourceSchemas":        always,
	"EphemeralResourceSchemas": always,
	"Functions":                always,
	"ResourceSchemas":          func(tfprotov6.ProviderServer) bool { return false },
	"ListResourceSchemas":      has[tfprotov6.ListResourceServer],
	"ActionSchemas":            has[tfprotov6.ActionServer],
	"StateStoreSchemas":        has[tfprotov6.StateStoreServer],
}

func always(tfprotov6.ProviderServer) bool { return true }

func has[T any](server tfprotov6.ProviderServer) bool {
	_, ok := server.(T)
	return ok
}

// hiddenKinds returns the kinds of a schema that the server does not serve, and those
// that servedKinds does not know.
func hiddenKinds(server tfprotov6.ProviderServer, schema *tfprotov6.GetProviderSchemaResponse) (hidden []string) {
	for field, objects := range reflect.ValueOf(schema).Elem().Fields() {
		if objects.Kind() != reflect.Map {
			continue
		}
		if served, known := servedKinds[field.Name]; !known || objects.Len() > 0 && !served(server) {
			hidden = append(hidden, field.Name)
		}
	}
	return hidden
}

// TestServerHidesNothing expects the server to serve each kind of object that the
// provider has. If it fails, server.go needs the calls of the new kind.
func TestServerHidesNothing(t *testing.T) {
	t.Parallel()
	server := provider.NewServer("test", environment(nil))()
	c := newClientOf(t, server)
	if hidden := hiddenKinds(server, c.schemas); len(hidden) > 0 {
		t.Errorf("kinds of objects that Terraform cannot reach = %q, want none", hidden)
	}
	if len(c.schemas.DataSourceSchemas) == 0 || len(c.schemas.EphemeralResourceSchemas) == 0 || len(c.schemas.Functions) == 0 {
		t.Error("the schema lacks data sources, ephemeral resources or functions, want all three")
	}
}

// TestHiddenKinds expects that TestServerHidesNothing would notice each kind, with a
// server that wraps another one.
func TestHiddenKinds(t *testing.T) {
	t.Parallel()
	wrapper := struct{ tfprotov6.ProviderServer }{}
	all := &tfprotov6.GetProviderSchemaResponse{
		DataSourceSchemas:        map[string]*tfprotov6.Schema{"x": nil},
		EphemeralResourceSchemas: map[string]*tfprotov6.Schema{"x": nil},
		Functions:                map[string]*tfprotov6.Function{"x": nil},
		ResourceSchemas:          map[string]*tfprotov6.Schema{"x": nil},
		ListResourceSchemas:      map[string]*tfprotov6.Schema{"x": nil},
		ActionSchemas:            map[string]*tfprotov6.ActionSchema{"x": nil},
		StateStoreSchemas:        map[string]*tfprotov6.Schema{"x": nil},
	}
	want := []string{"ActionSchemas", "ListResourceSchemas", "ResourceSchemas", "StateStoreSchemas"}
	if got := hiddenKinds(wrapper, all); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("hiddenKinds(a wrapper) = %q, want %q", got, want)
	}
	for field := range maps.Keys(servedKinds) {
		if _, ok := reflect.TypeFor[tfprotov6.GetProviderSchemaResponse]().FieldByName(field); !ok {
			t.Errorf("GetProviderSchemaResponse.%s does not exist", field)
		}
	}
	whole := struct {
		tfprotov6.ProviderServer
		tfprotov6.ListResourceServer
		tfprotov6.ActionServer
		tfprotov6.StateStoreServer
	}{}
	if got := hiddenKinds(whole, all); !slices.Equal(got, []string{"ResourceSchemas"}) {
		t.Errorf("hiddenKinds(a whole server) = %q, want only ResourceSchemas", got)
	}
}
