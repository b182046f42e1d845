package projects

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

func (s *Service) record(ctx context.Context, tx bun.Tx, project *models.Project, action models.HistoryAction, changes []models.FieldChange) error {
	return models.Record(ctx, tx, models.HistoryEntry{
		At: s.Now(), Model: models.ProjectsSlug, ObjectID: project.ID, ObjectLabel: project.Name, Action: action, Changes: changes,
	})
}

// projectChanges lists what differs between two states of a project; nil is one
// that is not there. What belongs to the project is named by its list and name,
// such as data_sources.Claims.type.
func projectChanges(db bun.IDB, before, after *models.Project) []models.FieldChange {
	changes := fieldChanges(db, "", before, after)
	old, now := before, after
	if old == nil {
		old = new(models.Project)
	}
	if now == nil {
		now = new(models.Project)
	}
	changes = append(changes, itemChanges(db, "data_sources", old.DataSources, now.DataSources)...)
	changes = append(changes, itemChanges(db, "reports", old.Reports, now.Reports)...)
	changes = append(changes, itemChanges(db, "analytics", old.Analytics, now.Analytics)...)
	return append(changes, fieldChanges(db, "ai_integration.", old.AIIntegration, now.AIIntegration)...)
}

func itemChanges[T any, P models.ItemOf[T]](db bun.IDB, list string, before, after []T) []models.FieldChange {
	var changes []models.FieldChange
	left := map[int64]*T{}
	for i := range after {
		left[P(&after[i]).Item().ID] = &after[i]
	}
	for i := range before {
		item := P(&before[i]).Item()
		changes = append(changes, fieldChanges(db, list+"."+item.Name+".", &before[i], left[item.ID])...)
		delete(left, item.ID)
	}
	for i := range after {
		if item := P(&after[i]).Item(); left[item.ID] != nil {
			changes = append(changes, fieldChanges(db, list+"."+item.Name+".", nil, &after[i])...)
		}
	}
	return changes
}

// fieldChanges lists the columns in which two states of a row differ, as people read
// them; nil is a row that is not there, which differs in what is filled in. Keys and
// times say nothing to people.
func fieldChanges[T any](db bun.IDB, prefix string, before, after *T) []models.FieldChange {
	var changes []models.FieldChange
	for _, field := range db.Dialect().Tables().Get(reflect.TypeFor[T]()).DataFields {
		if field.Name == "project_id" || field.IndirectType == reflect.TypeFor[time.Time]() {
			continue
		}
		read := func(row, other *T) string {
			if row == nil {
				return ""
			}
			value := field.Value(reflect.ValueOf(row).Elem())
			if other == nil && value.IsZero() {
				return ""
			}
			return shown(value.Interface())
		}
		if from, to := read(before, after), read(after, before); from != to {
			changes = append(changes, models.FieldChange{Field: prefix + field.Name, From: from, To: to})
		}
	}
	return changes
}

// shown is a column's value as people read it.
func shown(value any) string {
	text := fmt.Sprint(value)
	switch value := value.(type) {
	case models.Enumerated:
		return models.ChoiceOf(value, text).Label
	case []string:
		return strings.Join(value, ", ")
	}
	return text
}
