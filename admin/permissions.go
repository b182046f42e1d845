package admin

import (
	"context"
	"slices"

	"digitalpath/models"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// permissions are all that can be granted: what may be done with which model.
func (s *Site) permissions() []string {
	var all []string
	for _, r := range s.resources {
		for _, verb := range r.verbs() {
			all = append(all, models.PermissionOf(r.slug, verb))
		}
	}
	return all
}

// grid is the table of permissions with those of granted ticked.
func (s *Site) grid(ctx context.Context, granted []string) *ui.Grid {
	g := &ui.Grid{}
	for _, verb := range models.Verbs {
		g.Columns = append(g.Columns, i18n.T(ctx, verbLabels[verb]))
	}
	for _, r := range s.resources {
		row := ui.GridRow{Label: i18n.T(ctx, r.plural)}
		for i, verb := range models.Verbs {
			value := models.PermissionOf(r.slug, verb)
			row.Cells = append(row.Cells, ui.GridCell{
				Value: value, Label: row.Label + ": " + g.Columns[i],
				Offered: slices.Contains(r.verbs(), verb), Checked: slices.Contains(granted, value),
			})
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

var verbLabels = map[models.Verb]string{models.View: "View", models.Add: "Add", models.Change: "Change", models.Delete: "Delete"}

// Models are the choices of a column that names a model by its slug.
func (s *Site) Models(context.Context) ([]models.Choice, error) {
	choices := make([]models.Choice, len(s.resources))
	for i, r := range s.resources {
		choices[i] = models.Choice{Value: r.slug, Label: r.plural}
	}
	return choices, nil
}
