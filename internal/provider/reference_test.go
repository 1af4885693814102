package provider

// What the tests outside of this package need from its inside: its server over
// other parts than its own.

import (
	"context"
	"encoding/binary"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"golang.org/x/text/unicode/norm"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/siem"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// NewReferenceServer is the provider with the list of alerts built from the
// framework's values and passed on by the framework, as a provider usually does
// it. What the server of this package sends has to be the same.
func NewReferenceServer(getenv func(string) string) tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(referenceProvider{&mdatpProvider{version: "test", getenv: getenv}})()
}

// NewServerOf is this package's server over another than the framework's.
func NewServerOf(inner tfprotov6.ProviderServer, maxState int) tfprotov6.ProviderServer {
	return &server{inner, maxState}
}

// NewBoundedServer accepts states of at most so many bytes.
func NewBoundedServer(getenv func(string) string, maxState int) tfprotov6.ProviderServer {
	return NewServerOf(providerserver.NewProtocol6(New("test", getenv))(), maxState)
}

// NewServerOver is the provider over a network of the test's.
func NewServerOver(getenv func(string) string, network http.RoundTripper) tfprotov6.ProviderServer {
	return NewServerOf(providerserver.NewProtocol6(networkProvider{&mdatpProvider{version: "test", getenv: getenv}, network})(), wire.MaxObject)
}

type networkProvider struct {
	*mdatpProvider
	network http.RoundTripper
}

func (p networkProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	p.mdatpProvider.Configure(ctx, req, resp)
	c, ok := resp.DataSourceData.(*connection)
	if !ok {
		return
	}
	settings := newSettings(ctx, req.Config, p.getenv, &resp.Diagnostics)
	region := settings.region()
	authority, err := transport.ParseAddress(region.authorityHost)
	endpoint, err2 := transport.ParseAddress(region.siemEndpoint)
	if err != nil || err2 != nil {
		resp.Diagnostics.AddError("Network", "The test gives no addresses.")
		return
	}
	client := transport.New(transport.Options{Base: p.network, MaxAttempts: 1, AttemptTimeout: time.Minute, MaxBytes: 1 << 20})
	application := entra.NewApplication(entra.Options{AuthorityHost: authority, Client: client, Timeout: time.Minute,
		ClientID: settings.value(clientID), ClientSecret: settings.value(clientSecret), Resource: defaultResource})
	c.tokens = func(string) *entra.TokenSource { return application.Tenant(settings.value(tenantID)) }
	c.source = func(string) *siem.Client { return siem.New(endpoint, client, c.tokens("")) }
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
	var model alertsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	list, diags := d.list(ctx, &model.queryModel)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(listAttribute), list)...)
}

// list reads once more. What the selection holds of an alert is the number of
// its value.
func (d *referenceDataSource) list(ctx context.Context, m *queryModel) (types.List, diag.Diagnostics) {
	object := alertsAttribute().NestedObject.Type()
	none := types.ListNull(object)
	var built []attr.Value
	var diags diag.Diagnostics
	selection := alert.NewSelection(m.query(), m.filter(), func(dst []byte, a *alert.Alert) []byte {
		value, more := referenceValue(a)
		diags.Append(more...)
		built = append(built, value)
		return binary.BigEndian.AppendUint32(dst, uint32(len(built)-1))
	})
	if err := d.connection.source(m.TenantID.ValueString()).Read(ctx, m.query(), selection); err != nil {
		diags.AddError("Reference", err.Error())
		return none, diags
	}
	elements := []attr.Value{}
	for number := range selection.Encoded() {
		elements = append(elements, built[binary.BigEndian.Uint32(number)])
	}
	list, more := types.ListValue(object, elements)
	diags.Append(more...)
	return list, diags
}

func referenceValue(a *alert.Alert) (attr.Value, diag.Diagnostics) {
	object, ok := alertsAttribute().NestedObject.Type().(types.ObjectType)
	if !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Reference", "The list's elements are no objects.")}
	}
	triage, ok := object.AttrTypes["triage"].(types.ObjectType)
	if !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Reference", "triage is no object.")}
	}
	attributes := map[string]attr.Value{
		"triage":     types.ObjectNull(triage.AttrTypes),
		"additional": types.MapNull(types.StringType),
	}
	if members := a.Additional(); len(members) > 0 {
		texts := make(map[string]attr.Value)
		for _, member := range members {
			texts[normal(member.Key)] = types.StringValue(normal(member.JSON))
		}
		attributes["additional"] = types.MapValueMust(types.StringType, texts)
	}
	for i, field := range alert.Fields {
		attributes[field.Name] = referenceField(a, i, field.Kind)
	}
	return types.ObjectValue(object.AttrTypes, attributes)
}

func referenceField(a *alert.Alert, field int, kind alert.Kind) attr.Value {
	switch kind {
	case alert.KindList:
		elements := []attr.Value{}
		for element := range a.List(field) {
			elements = append(elements, types.StringValue(normal(element)))
		}
		return types.ListValueMust(types.StringType, elements)
	case alert.KindNumber:
		if a.IsNull(field) {
			return types.Int64Null()
		}
		return types.Int64Value(a.Number(field))
	case alert.KindBool:
		if a.IsNull(field) {
			return types.BoolNull()
		}
		return types.BoolValue(a.Bool(field))
	}
	if a.IsNull(field) {
		return types.StringNull()
	}
	return types.StringValue(normal(a.Text(field)))
}

// normal is what Terraform makes of a text when it receives one.
func normal(text []byte) string { return norm.NFC.String(string(text)) }
