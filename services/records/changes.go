package records

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/models"
	"digitalpath/problem"
)

// changes lists in what two states of a row with its children differ, nil being one
// that is not there, and which of its own columns those are.
func (k *Keeper[T]) changes(before, after *T) (changes []models.FieldChange, columns []string) {
	for _, change := range columnChanges(k.table(), "", before, after) {
		columns = append(columns, change.Field)
		if !slices.Contains(k.Untold, change.Field) {
			changes = append(changes, change)
		}
	}
	for _, children := range k.Children {
		changes = append(changes, children.changes(k.DB, orNew(before), orNew(after))...)
	}
	return changes, columns
}

// kept are columns that change with every change, or never, and tell nothing.
var kept = []string{"created_at", "updated_at"}

// columnChanges lists the columns in which two states of a row differ, as people read
// them; nil is a row that is not there, which differs in what is filled in. skip is left
// out.
func columnChanges[T any](table *schema.Table, prefix string, before, after *T, skip ...string) []models.FieldChange {
	var changes []models.FieldChange
	for _, field := range table.DataFields {
		if slices.Contains(kept, field.Name) || slices.Contains(skip, field.Name) {
			continue
		}
		from, to := valueIn(field, before), valueIn(field, after)
		if before == nil && isEmpty(to) || after == nil && isEmpty(from) || same(field, from, to) {
			continue
		}
		change := models.FieldChange{Field: prefix + field.Name, From: shown(field, from), To: shown(field, to)}
		if isSecret(field) {
			change.From = ""
		}
		changes = append(changes, change)
	}
	return changes
}

// valueIn is a column's value in row, without a pointer; invalid where there is none.
func valueIn[T any](field *schema.Field, row *T) reflect.Value {
	if row == nil {
		return reflect.Value{}
	}
	return reflect.Indirect(field.Value(reflect.ValueOf(row).Elem()))
}

func isEmpty(value reflect.Value) bool {
	return !value.IsValid() || value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0
}

// same tells whether two values of a column are one to the database.
func same(field *schema.Field, a, b reflect.Value) bool {
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Kind() == reflect.Slice && a.Len()+b.Len() == 0 {
		return true
	}
	if t, ok := a.Interface().(time.Time); ok {
		return t.Equal(b.Interface().(time.Time))
	}
	if sqlType := strings.ToLower(field.UserSQLType); a.Kind() == reflect.String && (strings.HasPrefix(sqlType, "numeric") || strings.HasPrefix(sqlType, "decimal")) {
		x, isNumber := new(big.Rat).SetString(a.String())
		y, isOther := new(big.Rat).SetString(b.String())
		if isNumber && isOther {
			return x.Cmp(y) == 0 // 12.5 is 12.50, which SQLite keeps no zeros of
		}
	}
	if raw, ok := a.Interface().(json.RawMessage); ok && len(raw) > 0 && b.Len() > 0 {
		return shown(field, a) == shown(field, b) // which engines and forms space as they like
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// isSecret tells whether no JSON, and so no history, may tell what a column holds.
func isSecret(field *schema.Field) bool { return field.StructField.Tag.Get("json") == "-" }

// shown is a column's value as people read it; of a secret, whether there is one.
func shown(field *schema.Field, value reflect.Value) string {
	switch {
	case !value.IsValid():
		return ""
	case isSecret(field) && (value.IsZero() || strings.HasPrefix(value.String(), "!")): // Django's mark of none
		return "none"
	case isSecret(field):
		return "set"
	case field.NullZero && value.IsZero():
		return ""
	case value.Kind() == reflect.Int64 && strings.HasSuffix(field.Name, "_id"):
		return fmt.Sprintf("#%d", value.Int())
	}
	text := fmt.Sprint(value.Interface())
	switch value := value.Interface().(type) {
	case models.Enumerated:
		return models.ChoiceOf(value, text).Label
	case []string:
		return strings.Join(value, ", ")
	case time.Time:
		return value.UTC().Format(time.RFC3339)
	}
	if isJSON(value) {
		if compact, err := json.Marshal(value.Interface()); err == nil {
			return string(compact)
		}
	}
	return text
}

// isJSON tells whether a value has parts, so that only JSON can tell what it is.
func isJSON(value reflect.Value) bool {
	return slices.Contains([]reflect.Kind{reflect.Map, reflect.Struct, reflect.Slice, reflect.Interface}, value.Kind())
}

// checkRow trims the texts of a row, as Django's forms do, makes its lists empty rather
// than null, and adds its faults to faults.
func checkRow(table *schema.Table, faults problem.Fields, prefix string, row any) error {
	value := reflect.ValueOf(row).Elem()
	for _, field := range table.DataFields {
		switch column := field.Value(value); {
		case column.Kind() == reflect.String:
			column.SetString(strings.TrimSpace(column.String()))
		case column.Kind() == reflect.Slice && column.IsNil() && column.Type().Elem().Kind() != reflect.Uint8: // bytes are no JSON while they are empty
			column.Set(reflect.MakeSlice(column.Type(), 0, 0))
		}
	}
	err := models.Validate(row)
	found, ok := problem.As(err)
	if !ok {
		return err
	}
	for name, texts := range found.Fields {
		faults[prefix+name] = append(faults[prefix+name], texts...)
	}
	return nil
}

// firstText is the first text column of a row, or its id.
func firstText(table *schema.Table, row any) string {
	value := reflect.ValueOf(row).Elem()
	for _, field := range table.DataFields {
		if text := field.Value(value); text.Kind() == reflect.String && text.String() != "" {
			return text.String()
		}
	}
	return fmt.Sprintf("#%d", table.PKs[0].Value(value).Int())
}

// copyOf is a row that can be changed, with what its lists and pointers hold, without
// changing row.
func copyOf[T any](row *T) *T {
	fresh := new(T)
	reflect.ValueOf(fresh).Elem().Set(reflect.ValueOf(row).Elem())
	unshare(reflect.ValueOf(fresh).Elem())
	return fresh
}

func unshare(value reflect.Value) {
	switch {
	case !value.CanSet():
	case value.Kind() == reflect.Struct:
		for i := range value.NumField() {
			unshare(value.Field(i))
		}
	case value.Kind() == reflect.Slice && !value.IsNil():
		fresh := reflect.MakeSlice(value.Type(), value.Len(), value.Len())
		reflect.Copy(fresh, value)
		value.Set(fresh)
		for i := range fresh.Len() {
			unshare(fresh.Index(i))
		}
	case value.Kind() == reflect.Pointer && !value.IsNil():
		fresh := reflect.New(value.Type().Elem())
		fresh.Elem().Set(value.Elem())
		value.Set(fresh)
		unshare(fresh.Elem())
	}
}

func tableOf[T any](db bun.IDB) *schema.Table {
	return db.Dialect().Tables().Get(reflect.TypeFor[T]())
}
