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
// serves: its parts are there, and empty.
func Unserved(t testing.TB) *handlers.App {
	t.Helper()
	db := modelstest.New(t)
	app := &handlers.App{DB: db, Log: slog.New(slog.DiscardHandler), Now: time.Now, Debug: true, API: &api.API{}, OAuth: &oauth.Flow{}}
	app.Backoffice = &backoffice.Backoffice{Site: &admin.Site{DB: db, Now: time.Now}, Now: time.Now}
	parts := reflect.ValueOf(app.Backoffice).Elem()
	for i := range parts.NumField() {
		if part := parts.Field(i); part.CanSet() && part.Kind() == reflect.Pointer && part.IsNil() {
			part.Set(reflect.New(part.Type().Elem()))
		}
	}
	if err := app.Backoffice.Open([]string{"secret"}); err != nil {
		t.Fatal(err)
	}
	return app
}
