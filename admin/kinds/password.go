package kinds

import (
	"context"
	"reflect"
	"time"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/ui"
)

// Password is a text that is set and never shown.
type Password struct{ Text }

func (Password) Claims(c *Column) bool { return c.Password && Text{}.Claims(c) }

func (Password) Traits(*Column) Traits { return Traits{Unsorted: true} }

func (Password) Texts(*Column, reflect.Value) []string { return nil }

// Set leaves the present one where none is typed.
func (Password) Set(c *Column, value reflect.Value, texts []string) *problem.Text {
	if typed(texts) == "" {
		return nil
	}
	return Text{}.Set(c, value, texts)
}

func (Password) Words(context.Context, *Column, Page, string) string { return "" }

func (Password) Control(_ context.Context, _ *Column, _ Page, field *ui.Field) {
	field.Control, field.Value, field.Autocomplete = ui.ControlPassword, "", "new-password"
}

func (Password) Filter(context.Context, *Column, time.Time, []models.Choice) []Option { return nil }

func (Password) Export(*Column, reflect.Value) string { return "" }
