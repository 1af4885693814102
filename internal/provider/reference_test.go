package provider

// This file gives the external tests the package's server over other parts than
// its own.

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"golang.org/x/text/unicode/norm"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// NewReferenceServer returns a provider that builds the list of alerts from the
// framework's values, as providers usually do. The server of this package must
// send the same.
func NewReferenceServer(environment Environment) tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(referenceProvider{newProvider("test", environment)})()
}

// NewServerOf returns this package's server over another inner server.
func NewServerOf(inner tfprotov6.ProviderServer, maxState int) tfprotov6.ProviderServer {
	return &server{inner, maxState}
}

// NewBoundedServer returns a server that accepts states of at most maxState bytes.
func NewBoundedServer(environment Environment, maxState int) tfprotov6.ProviderServer {
	return NewServerOf(providerserver.NewProtocol6(newProvider("test", environment))(), maxState)
}

// NewServerOver returns a server that sends its requests, one attempt each, over
// the test's network.
func NewServerOver(environment Environment, network http.RoundTripper) tfprotov6.ProviderServer {
	p := newProvider("test", environment)
	p.newClient = func(o transport.Options, _ *x509.CertPool) *transport.Client {
		o.Base, o.MaxAttempts = network, 1
		return transport.New(o)
	}
	return NewServerOf(providerserver.NewProtocol6(p)(), wire.MaxObject)
}

type referenceProvider struct{ *mdatpProvider }

func (referenceProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return &referenceDataSource{} }}
}

type referenceDataSource struct{ alertsDataSource }

func (d *referenceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	d.alertsDataSource.Read(context.WithValue(ctx, handoverKey{}, &handover{}), req, resp)
	if resp.Diagnostics.HasError() {
		return
	}
	var arguments types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &arguments)...)
	r, diags := newRequest(arguments)
	resp.Diagnostics.Append(diags...)
	list, diags := d.list(ctx, r)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(listAttribute), list)...)
}

// list reads again and returns the list. The selection holds, as the encoding of
// each alert, the index of its value.
func (d *referenceDataSource) list(ctx context.Context, r request) (types.List, diag.Diagnostics) {
	object := alertsAttribute().NestedObject.Type()
	none := types.ListNull(object)
	var built []attr.Value
	var diags diag.Diagnostics
	encode := func(dst []byte, d *alert.Detection) []byte {
		value, more := referenceValue(d)
		diags.Append(more...)
		built = append(built, value)
		return binary.BigEndian.AppendUint32(dst, uint32(len(built)-1))
	}
	selection := alert.NewSelection(alert.SelectionOptions{Query: r.query, Filter: r.filter, Encode: encode})
	c, more := d.configuration.connect()
	if diags.Append(more...); diags.HasError() {
		return none, diags
	}
	if _, err := c.reader(r.tenant).Read(ctx, r.query, selection); err != nil {
		diags.AddError("Reference", err.Error())
		return none, diags
	}
	elements := []attr.Value{}
	for index := range selection.Encoded() {
		elements = append(elements, built[binary.BigEndian.Uint32(index)])
	}
	list, more := types.ListValue(object, elements)
	diags.Append(more...)
	return list, diags
}

func referenceValue(d *alert.Detection) (attr.Value, diag.Diagnostics) {
	object, ok := alertsAttribute().NestedObject.Type().(types.ObjectType)
	if !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Reference", "The elements of the list are not objects.")}
	}
	triage, diags := referenceTriage(d, object.AttrTypes["triage"])
	attributes := map[string]attr.Value{
		"triage":     triage,
		"additional": types.MapNull(types.StringType),
	}
	if members := d.Additional(); len(members) > 0 {
		texts := make(map[string]attr.Value)
		for _, member := range members {
			texts[normal(member.Key)] = types.StringValue(normal(member.JSON))
		}
		attributes["additional"] = types.MapValueMust(types.StringType, texts)
	}
	for i, field := range alert.Fields {
		attributes[field.Name] = referenceField(d, i, field.Kind)
	}
	value, more := types.ObjectValue(object.AttrTypes, attributes)
	diags.Append(more...)
	return value, diags
}

func referenceTriage(d *alert.Detection, t attr.Type) (attr.Value, diag.Diagnostics) {
	object, ok := t.(types.ObjectType)
	if !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Reference", "triage is not an object.")}
	}
	if !d.HasTriage {
		return types.ObjectNull(object.AttrTypes), nil
	}
	attributes := map[string]attr.Value{}
	for i, field := range alert.Triage {
		attributes[field.Name] = referenceField(d, len(alert.Fields)+i, field.Kind)
	}
	return types.ObjectValue(object.AttrTypes, attributes)
}

func referenceField(d *alert.Detection, field int, kind alert.Kind) attr.Value {
	switch kind {
	case alert.KindList:
		elements := []attr.Value{}
		for element := range d.List(field) {
			elements = append(elements, types.StringValue(normal(element)))
		}
		return types.ListValueMust(types.StringType, elements)
	case alert.KindNumber:
		if d.IsNull(field) {
			return types.Int64Null()
		}
		return types.Int64Value(d.Number(field))
	case alert.KindBool:
		if d.IsNull(field) {
			return types.BoolNull()
		}
		return types.BoolValue(d.Bool(field))
	}
	if d.IsNull(field) {
		return types.StringNull()
	}
	return types.StringValue(normal(d.Text(field)))
}

// normal returns a text in the normal form that Terraform gives each text.
func normal(text []byte) string { return norm.NFC.String(string(text)) }
