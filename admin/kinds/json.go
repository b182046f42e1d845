package kinds

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/ui"
)

// JSON is whatever a column of the SQL type json or jsonb holds that is no list of
// texts.
type JSON struct{ Text }

func (JSON) Claims(c *Column) bool {
	return c.isA("json", "jsonb") || c.Field.IndirectType == reflect.TypeFor[json.RawMessage]()
}

func (JSON) Traits(*Column) Traits { return Traits{Unsorted: true, Wide: true, Lines: true} }

func (JSON) Texts(_ *Column, value reflect.Value) []string {
	if value.IsZero() {
		return nil
	}
	text, err := json.MarshalIndent(value.Interface(), "", "  ")
	if err != nil || string(text) == "null" {
		return nil
	}
	return []string{string(text)}
}

func (JSON) Set(_ *Column, value reflect.Value, texts []string) *problem.Text {
	text := strings.TrimSpace(typed(texts))
	if text == "" {
		value.SetZero()
		return nil
	}
	fresh := reflect.New(value.Type())
	err := json.Unmarshal([]byte(text), fresh.Interface())
	if _, err2 := json.Number(text).Float64(); err != nil || err2 == nil { // which SQLite would not give back as JSON
		return &problem.Text{Format: `Enter valid JSON, such as {"key": "value"}.`}
	}
	value.Set(fresh.Elem())
	return nil
}

// Words are on one line, however it was typed.
func (JSON) Words(_ context.Context, _ *Column, _ Page, text string) string {
	var line bytes.Buffer
	if json.Compact(&line, []byte(text)) != nil {
		return text
	}
	return line.String()
}

func (JSON) Cell(_ context.Context, c *Column, value reflect.Value) adminpages.Cell {
	return adminpages.Cell{Kind: adminpages.CellLong, Text: strings.Join(JSON{}.Texts(c, value), "")}
}

func (JSON) Control(_ context.Context, _ *Column, _ Page, field *ui.Field) {
	field.Control = ui.ControlTextarea
}

func (JSON) Filter(ctx context.Context, c *Column, _ time.Time, _ []models.Choice) []Option {
	return presence(ctx, c, "CAST("+c.SQL+" AS text) IN ('[]', '{}', 'null')")
}

func (JSON) Export(_ *Column, value reflect.Value) string {
	if value.IsZero() {
		return ""
	}
	text, _ := json.Marshal(value.Interface()) // of what came from JSON, which cannot fail
	return sheets.QuoteCell(string(text))
}
