package provider_test

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// unknown is an unknown value.
type unknown struct{}

// A client calls a provider in this process through the plugin protocol, in
// Terraform's order. Tables of many cases use it: starting Terraform for each
// would take a second.
type client struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// newClient starts a provider that sees only this environment.
func newClient(t *testing.T, env map[string]string) *client {
	t.Helper()
	return newClientOf(t, provider.NewServer("test", environment(env))())
}

func newClientOf(t *testing.T, server tfprotov6.ProviderServer) *client {
	t.Helper()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatalf("GetProviderSchema() = error %v, want none", err)
	}
	if found := findings(schemas.Diagnostics); len(found) > 0 {
		t.Fatalf("GetProviderSchema() reports %q, want nothing", found)
	}
	return &client{t: t, server: server, schemas: schemas}
}

// configured returns a client of a fake, with changes to the provider block.
func configured(t *testing.T, fake *fakeapi.Server, changes values) *client {
	t.Helper()
	c := newClient(t, nil)
	if found := c.configure(block(fake, changes)); len(found) > 0 {
		t.Fatalf("configure(%v) reports %q, want nothing", changes, found)
	}
	return c
}

// configure validates and configures the provider and returns its findings.
func (c *client) configure(attributes values) []string {
	c.t.Helper()
	return c.configureFor(attributes, false)
}

// configureFor is configure for a Terraform that does or does not accept
// deferred reads.
func (c *client) configureFor(attributes values, deferral bool) []string {
	c.t.Helper()
	config := c.dynamic(c.schemas.Provider.ValueType(), attributes)
	validated, err := c.server.ValidateProviderConfig(c.t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		c.t.Fatal(err)
	}
	if found := findings(validated.Diagnostics); len(found) > 0 {
		return found
	}
	// The context of Configure ends with the call.
	ctx, cancel := context.WithCancel(c.t.Context())
	defer cancel()
	resp, err := c.server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion:   "1.11.4",
		Config:             config,
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: deferral},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return findings(resp.Diagnostics)
}

// validate returns the findings about the arguments of a data source.
func (c *client) validate(kind string, arguments values) []string {
	c.t.Helper()
	resp, err := c.server.ValidateDataResourceConfig(c.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: kind,
		Config:   c.dynamic(c.schemaOf(kind).ValueType(), arguments),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return findings(resp.Diagnostics)
}

// read validates and reads a data source. It returns a nil state when there is
// none.
func (c *client) read(kind string, arguments values) (values, []string) {
	c.t.Helper()
	return c.readAs(c.t.Context(), kind, arguments)
}

func (c *client) readAs(ctx context.Context, kind string, arguments values) (values, []string) {
	c.t.Helper()
	warnings := c.validate(kind, arguments)
	if failed(warnings) {
		return nil, warnings
	}
	state, found := c.readValue(ctx, kind, arguments)
	found = append(warnings, found...)
	if state.IsNull() {
		return nil, found
	}
	attributes, ok := plain(c.t, state).(values)
	if !ok {
		c.t.Fatalf("state of %s = %v, want an object", kind, state)
	}
	if !failed(found) {
		return attributes, found
	}
	for _, name := range []string{"alert_count", "alerts"} {
		if attributes[name] != nil {
			c.t.Errorf("%s of a failed read of %s = %v, want null", name, kind, attributes[name])
		}
	}
	return nil, found
}

// readValue reads without validating and returns the state as a typed value.
func (c *client) readValue(ctx context.Context, kind string, arguments values) (tftypes.Value, []string) {
	c.t.Helper()
	schema := c.schemaOf(kind).ValueType()
	resp, err := c.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName: kind,
		Config:   c.dynamic(schema, arguments),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if resp.State == nil {
		return tftypes.NewValue(schema, nil), findings(resp.Diagnostics)
	}
	state, err := resp.State.Unmarshal(schema)
	if err != nil {
		c.t.Fatal(err)
	}
	return state, findings(resp.Diagnostics)
}

// mustRead is read for arguments without findings.
func (c *client) mustRead(kind string, arguments values) values {
	c.t.Helper()
	state, found := c.read(kind, arguments)
	if len(found) > 0 {
		c.t.Fatalf("read(%s, %v) reports %q, want nothing", kind, arguments, found)
	}
	if state == nil {
		c.t.Fatalf("read(%s, %v) = no state, want one", kind, arguments)
	}
	return state
}

func (c *client) schemaOf(kind string) *tfprotov6.Schema {
	c.t.Helper()
	schema, ok := c.schemas.DataSourceSchemas[kind]
	if !ok {
		c.t.Fatalf("data source %s is not in the schema", kind)
	}
	return schema
}

// dynamic encodes an object of a schema; unset attributes are null.
func (c *client) dynamic(schema tftypes.Type, attributes values) *tfprotov6.DynamicValue {
	c.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(schema, typed(c.t, schema, attributes))
	if err != nil {
		c.t.Fatal(err)
	}
	return &encoded
}

// typed converts a value to a type. Unset attributes of an object are null.
func typed(t *testing.T, of tftypes.Type, value any) tftypes.Value {
	t.Helper()
	switch v := value.(type) {
	case nil:
		return tftypes.NewValue(of, nil)
	case unknown:
		return tftypes.NewValue(of, tftypes.UnknownValue)
	case values:
		object, ok := of.(tftypes.Object)
		if !ok {
			t.Fatalf("typed(%s, %v): want an object type", of, v)
		}
		attributes := make(map[string]tftypes.Value)
		for name, attribute := range object.AttributeTypes {
			attributes[name] = typed(t, attribute, v[name])
		}
		for name := range v {
			if _, ok := object.AttributeTypes[name]; !ok {
				t.Fatalf("typed(%s, %v): the type has no attribute %s", of, v, name)
			}
		}
		return tftypes.NewValue(of, attributes)
	case []string:
		elements := make([]any, len(v))
		for i := range v {
			elements[i] = v[i]
		}
		return typed(t, of, elements)
	case []any:
		list, ok := of.(tftypes.List)
		if !ok {
			t.Fatalf("typed(%s, %v): want a list type", of, v)
		}
		elements := make([]tftypes.Value, len(v))
		for i := range v {
			elements[i] = typed(t, list.ElementType, v[i])
		}
		return tftypes.NewValue(of, elements)
	}
	return tftypes.NewValue(of, value)
}

// plain converts a value to Go's own types: nil, string, int64 (float64 when it
// is not whole), bool, []any, values.
func plain(t *testing.T, v tftypes.Value) any {
	t.Helper()
	if v.IsNull() {
		return nil
	}
	if !v.IsKnown() {
		return unknown{}
	}
	switch of := v.Type(); {
	case of.Is(tftypes.String):
		return as[string](t, v)
	case of.Is(tftypes.Bool):
		return as[bool](t, v)
	case of.Is(tftypes.Number):
		n := as[big.Float](t, v)
		if whole, accuracy := n.Int64(); accuracy == big.Exact {
			return whole
		}
		f, _ := n.Float64()
		return f
	case of.Is(tftypes.List{}):
		elements := []any{}
		for _, element := range as[[]tftypes.Value](t, v) {
			elements = append(elements, plain(t, element))
		}
		return elements
	}
	attributes := values{}
	for name, attribute := range as[map[string]tftypes.Value](t, v) {
		attributes[name] = plain(t, attribute)
	}
	return attributes
}

func as[T any](t *testing.T, v tftypes.Value) (converted T) {
	t.Helper()
	if err := v.As(&converted); err != nil {
		t.Fatal(err)
	}
	return converted
}

// failed tells whether there is an error among findings.
func failed(found []string) bool {
	return slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, "error") })
}

// findings formats diagnostics for tables:
//
//	error at list[0]: Title: Detail
func findings(diagnostics []*tfprotov6.Diagnostic) []string {
	var list []string
	for _, d := range diagnostics {
		line := strings.ToLower(d.Severity.String())
		if at := attributePath(d.Attribute); at != "" {
			line += " at " + at
		}
		list = append(list, line+": "+d.Summary+": "+d.Detail)
	}
	slices.Sort(list) // the framework validates in no order
	return list
}

func attributePath(at *tftypes.AttributePath) string {
	var path strings.Builder
	for _, step := range at.Steps() {
		switch s := step.(type) {
		case tftypes.AttributeName:
			if path.Len() > 0 {
				path.WriteByte('.')
			}
			path.WriteString(string(s))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&path, "[%d]", int64(s))
		}
	}
	return path.String()
}
