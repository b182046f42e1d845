package projects

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// save stores a project with its lists and AI integration, and returns what that
// changes. before is what is stored; nil for a new project.
func (s *Service) save(ctx context.Context, tx bun.Tx, before, after *models.Project) ([]models.FieldChange, error) {
	stored := before
	if stored == nil {
		stored = new(models.Project)
	}
	if err := checkProject(tx, stored, after); err != nil {
		return nil, err
	}
	if before == nil {
		after.CreatedAt, after.UpdatedAt = s.Now(), s.Now()
		if _, err := tx.NewInsert().Model(after).Exec(ctx); err != nil {
			return nil, fmt.Errorf("store project: %w", err)
		}
	}
	for _, save := range []func() error{
		func() error { return saveItems(ctx, tx, after.ID, stored.DataSources, after.DataSources) },
		func() error { return saveItems(ctx, tx, after.ID, stored.Reports, after.Reports) },
		func() error { return saveItems(ctx, tx, after.ID, stored.Analytics, after.Analytics) },
		func() error { return saveIntegration(ctx, tx, after.ID, stored.AIIntegration, after.AIIntegration) },
	} {
		if err := save(); err != nil {
			return nil, err
		}
	}
	changes := projectChanges(tx, before, after)
	if before == nil || len(changes) == 0 {
		return changes, nil
	}
	after.UpdatedAt = s.Now()
	if _, err := tx.NewUpdate().Model(after).WherePK().Exec(ctx); err != nil {
		return nil, fmt.Errorf("change project: %w", err)
	}
	return changes, nil
}

// checkProject finds everything that is wrong with a project and its lists. A fault
// in a list is named by its place, such as data_sources.0.name.
func checkProject(db bun.IDB, before, after *models.Project) error {
	fields := problem.Fields{}
	if err := checkRow(db, fields, "", after); err != nil {
		return err
	}
	if err := checkItems(db, fields, "data_sources", before.DataSources, after.DataSources); err != nil {
		return err
	}
	if err := checkItems(db, fields, "reports", before.Reports, after.Reports); err != nil {
		return err
	}
	if err := checkItems(db, fields, "analytics", before.Analytics, after.Analytics); err != nil {
		return err
	}
	if len(fields) > 0 {
		return fields.Problem()
	}
	return nil
}

func checkItems[T any, P models.ItemOf[T]](db bun.IDB, fields problem.Fields, list string, before, after []T) error {
	free := map[int64]bool{} // ids that a row of the list may still have
	for i := range before {
		free[P(&before[i]).Item().ID] = true
	}
	for i := range after {
		row := P(&after[i])
		place := fmt.Sprintf("%s.%d.", list, i)
		if id := row.Item().ID; id != 0 && !free[id] {
			fields.Add(place+"id", "There is no such item in this project.")
		}
		free[row.Item().ID] = false
		if err := checkRow(db, fields, place, row); err != nil {
			return err
		}
	}
	return nil
}

// checkRow trims the texts of a row, as Django's forms do, and adds its faults to
// fields.
func checkRow(db bun.IDB, fields problem.Fields, prefix string, row any) error {
	value := reflect.ValueOf(row).Elem()
	for _, field := range db.Dialect().Tables().Get(value.Type()).DataFields {
		if text := field.Value(value); text.Kind() == reflect.String {
			text.SetString(strings.TrimSpace(text.String()))
		}
	}
	err := models.Validate(row)
	faults, ok := problem.As(err)
	if !ok {
		return err
	}
	for name, texts := range faults.Fields {
		fields[prefix+name] = texts
	}
	return nil
}

// saveItems makes the stored rows of one of a project's lists those of after, and
// puts after in order.
func saveItems[T comparable, P models.ItemOf[T]](ctx context.Context, tx bun.Tx, project int64, before, after []T) error {
	gone := map[int64]T{}
	for i := range before {
		gone[P(&before[i]).Item().ID] = before[i]
	}
	var added []*T
	for i := range after {
		item := P(&after[i]).Item()
		stored, there := gone[item.ID]
		unchanged := there && stored == after[i]
		delete(gone, item.ID)
		item.ProjectID = project
		switch {
		case unchanged:
		case there:
			if _, err := tx.NewUpdate().Model(&after[i]).WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("change item of project: %w", err)
			}
		default:
			added = append(added, &after[i])
		}
	}
	if len(added) > 0 {
		if _, err := tx.NewInsert().Model(&added).Exec(ctx); err != nil {
			return fmt.Errorf("add items to project: %w", err)
		}
	}
	for id := range gone {
		if _, err := tx.NewDelete().Model((*T)(nil)).Where("id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("delete item of project: %w", err)
		}
	}
	slices.SortFunc(after, func(a, b T) int {
		x, y := P(&a).Item(), P(&b).Item()
		return cmp.Or(cmp.Compare(x.Order, y.Order), cmp.Compare(x.ID, y.ID))
	})
	return nil
}

// forgetIDs makes rows new ones.
func forgetIDs[T any, P models.ItemOf[T]](items []T) {
	for i := range items {
		P(&items[i]).Item().ID = 0
	}
}

func saveIntegration(ctx context.Context, tx bun.Tx, project int64, before, after *models.AIIntegration) error {
	if after == nil && before != nil {
		if _, err := tx.NewDelete().Model(before).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("delete AI integration: %w", err)
		}
	}
	if after == nil {
		return nil
	}
	after.ProjectID, after.Features, after.Models = project, orEmpty(after.Features), orEmpty(after.Models)
	if before == nil {
		after.ID = 0
		if _, err := tx.NewInsert().Model(after).Exec(ctx); err != nil {
			return fmt.Errorf("add AI integration: %w", err)
		}
		return nil
	}
	after.ID = before.ID
	if reflect.DeepEqual(before, after) {
		return nil
	}
	if _, err := tx.NewUpdate().Model(after).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("change AI integration: %w", err)
	}
	return nil
}

// orEmpty is a list that the database keeps as [] rather than null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
