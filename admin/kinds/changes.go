package kinds

import (
	"context"
	"reflect"
	"strings"
	"time"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// Changes is what history says of the fields of a row. Nobody edits it.
type Changes struct{ JSON }

func (Changes) Claims(c *Column) bool {
	return c.Field.IndirectType == reflect.TypeFor[[]models.FieldChange]()
}

func (Changes) Traits(*Column) Traits { return Traits{Fixed: true, Unsorted: true} }

func (Changes) Cell(ctx context.Context, _ *Column, value reflect.Value) adminpages.Cell {
	changes := value.Interface().([]models.FieldChange)
	cell := adminpages.Cell{Kind: adminpages.CellChanges, Changes: make([]adminpages.Change, len(changes))}
	for i, change := range changes {
		cell.Changes[i] = Changed(ctx, change)
	}
	return cell
}

// Changed is a change of a field of which nothing is known but its name.
func Changed(ctx context.Context, change models.FieldChange) adminpages.Change {
	return adminpages.Change{Field: i18n.T(ctx, LabelOf(change.Field)), From: yesOrNo(ctx, change.From), To: yesOrNo(ctx, change.To)}
}

// yesOrNo says what became of a box that is ticked or not, and of a secret, of which the
// history keeps no more; anything else is as it was.
func yesOrNo(ctx context.Context, value string) string {
	switch value {
	case "true":
		return i18n.T(ctx, "Yes")
	case "false":
		return i18n.T(ctx, "No")
	case "set":
		return i18n.T(ctx, "set")
	case "none":
		return i18n.T(ctx, "none")
	}
	return value
}

// LabelOf is "Created at" for created_at, and "ID" for id.
func LabelOf(name string) string {
	if name == "id" {
		return "ID"
	}
	label := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(label[:1]) + label[1:]
}

func (Changes) Filter(context.Context, *Column, time.Time, []models.Choice) []Option { return nil }
