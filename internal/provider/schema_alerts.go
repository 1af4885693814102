package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// alertsAttribute returns a list without sensitive attributes: a set of objects, or
// a sensitive attribute in a list, makes Terraform's time quadratic.
func alertsAttribute() schema.ListNestedAttribute {
	attributes := map[string]schema.Attribute{
		"additional": schema.MapAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Fields that the provider does not know, as JSON text by key; null if there are none."},
		"triage": triageAttribute(),
	}
	for _, field := range alert.Fields {
		attributes[field.Name] = fieldAttribute(field)
	}
	return schema.ListNestedAttribute{
		Computed:     true,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
		MarkdownDescription: "The detections, newest first by `last_processed_time_utc`, then by `full_id`, `alert_part` and `alert_id`. " +
			"Duplicates (same `full_id` and `alert_part`) are merged; the most severe is kept. Detections without `full_id` are all kept. " +
			"With `api = \"graph\"` each alert is one detection, in its newest version.",
	}
}

func fieldAttribute(field alert.Field) schema.Attribute {
	switch field.Kind {
	case alert.KindNumber:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: field.Description}
	case alert.KindBool:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: field.Description}
	case alert.KindList:
		return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: field.Description}
	}
	return computedText(field.Description)
}

func triageAttribute() schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, field := range alert.Triage {
		attributes[field.Name] = fieldAttribute(field)
	}
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: "What analysts and the service decided about the alert. Null with `api = \"siem\"`.",
		Attributes:          attributes,
	}
}
