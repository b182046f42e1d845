package api

import (
	"cmp"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// illustrate gives every property of a schema an example.
func illustrate(schemas huma.Registry, schema *huma.Schema) {
	for _, property := range schema.Properties {
		if property.Ref == "" && len(property.Examples) == 0 {
			property.Examples = []any{sample(schemas, property)}
		}
		illustrate(schemas, property)
	}
	if schema.Items != nil {
		illustrate(schemas, schema.Items)
	}
}

// sample is a value that the schema describes.
func sample(schemas huma.Registry, schema *huma.Schema) any {
	switch {
	case schema.Ref != "":
		return sample(schemas, schemas.SchemaFromRef(schema.Ref))
	case len(schema.Examples) > 0:
		return schema.Examples[0]
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	}
	if choices := slices.Concat(schema.OneOf, schema.AnyOf, schema.AllOf); len(choices) > 0 {
		return sample(schemas, choices[0])
	}
	switch schema.Type {
	case huma.TypeObject:
		object := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
			object[name] = sample(schemas, schema.Properties[name])
		}
		return object
	case huma.TypeArray:
		return []any{sample(schemas, schema.Items)}
	case huma.TypeBoolean:
		return true
	case huma.TypeInteger:
		if schema.Minimum != nil {
			return max(1, int(*schema.Minimum))
		}
		return 1
	}
	return cmp.Or(map[string]string{"date-time": "2026-01-15T10:30:00Z", "idn-email": "ann@example.com", "uri": "https://api.example.com/"}[schema.Format], "A text.")
}

// accepted is the schema of a request's body: other keys are ignored, and null is as
// good as absent where a property may be.
func accepted(schema *huma.Schema) *huma.Schema {
	taken := *schema
	taken.AdditionalProperties = nil
	taken.Properties = maps.Clone(schema.Properties)
	for name, property := range taken.Properties {
		if !slices.Contains(taken.Required, name) && property.Ref == "" && len(property.OneOf) == 0 {
			taken.Properties[name] = orNull(property)
		}
	}
	return &taken
}

func orNull(schema *huma.Schema) *huma.Schema {
	taken := *schema
	if !taken.Nullable && len(taken.Enum) > 0 {
		taken.Enum = append(slices.Clone(taken.Enum), nil)
	}
	taken.Nullable = true
	return &taken
}

// without is schema less some of its properties.
func without(schema *huma.Schema, names ...string) *huma.Schema {
	rest := *schema
	rest.Properties = maps.Clone(schema.Properties)
	for _, name := range names {
		delete(rest.Properties, name)
	}
	rest.Required = slices.DeleteFunc(slices.Clone(schema.Required), func(name string) bool { return slices.Contains(names, name) })
	return &rest
}

// named puts a schema among the document's components.
func named(schemas huma.Registry, name string, schema *huma.Schema) *huma.Schema {
	schemas.Map()[name] = schema
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}
