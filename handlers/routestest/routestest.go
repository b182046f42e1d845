// Package routestest gives tests the program that has all its routes and serves none.
package routestest

import (
	"log/slog"
	"reflect"
	"testing"
	"time"

	"digitalpath/admin"
	"digitalpath/handlers"
	"digitalpath/handlers/api"
	"digitalpath/handlers/backoffice"
	"digitalpath/handlers/oauth"
	"digitalpath/models/modelstest"
)

// Unserved is the product on an empty database, of which nothing is asked but what it
// serves: its parts are there, and empty but for it.
func Unserved(t testing.TB) *handlers.App {
	t.Helper()
	db := modelstest.New(t)
	app := &handlers.App{DB: db, Log: slog.New(slog.DiscardHandler), Now: time.Now, Debug: true, API: &api.API{}, OAuth: &oauth.Flow{}}
	app.Backoffice = &backoffice.Backoffice{Site: &admin.Site{DB: db, Now: time.Now}, Now: time.Now}
	fill(reflect.ValueOf(app.Backoffice).Elem(), reflect.ValueOf(db), 2)
	if err := app.Backoffice.Open([]string{"secret"}); err != nil {
		t.Fatal(err)
	}
	return app
}

// fill makes the parts that are not there, so many deep, and gives them the database: what
// is declared is held against its columns.
func fill(part, db reflect.Value, depth int) {
	for i := range part.NumField() {
		switch field := part.Field(i); {
		case !field.CanSet() || field.Kind() != reflect.Pointer || !field.IsNil():
		case field.Type() == db.Type():
			field.Set(db)
		case depth > 0 && field.Type().Elem().Kind() == reflect.Struct:
			field.Set(reflect.New(field.Type().Elem()))
			fill(field.Elem(), db, depth-1)
		}
	}
}
