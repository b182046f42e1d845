package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

// Who runs the program learns which website was refused, and the line that lets it in.
func TestRefusedWebsitesAreToldWithTheLineThatLetsThemIn(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "CORS_ALLOWED_ORIGINS=http://localhost:3000")
	app.CreateSuperuser()
	staff := app.Login()
	const preview = "https://preview.example.com"
	for _, origin := range []string{preview, "http://localhost:3000", "null", "https://x.example.com/path", "ftp://example.com", app.URL, preview} {
		app.Get("/api/hello", "Origin", origin)
	}
	line := "CORS_ALLOWED_ORIGINS=http://localhost:3000," + preview
	shown := staff.Get("/admin/health/").Part("main li", "Refused websites")
	if !strings.Contains(shown.Text(), preview+" was refused: 2 requests") || !strings.Contains(shown.Text(), line) {
		t.Errorf("the page shows %s", shown.Text())
	}
	told := examine(t, app.Env())
	told.want("origins", "warning", preview+" was refused: 2 requests", line)
	for _, f := range told.findings {
		if f.Check == "origins" && !strings.Contains(f.Evidence, preview) {
			t.Errorf("it tells of %s", f.Evidence)
		}
	}
	for _, f := range examine(t, append(app.Env(), line)).findings {
		if f.Check == "origins" {
			t.Errorf("let in, it tells of %s", f.Evidence)
		}
	}

	for i := range 120 { // whoever invents origins fills no table
		app.Get("/api/hello", "Origin", fmt.Sprintf("https://%d.example.com", i))
		if i%40 == 0 {
			staff.Get("/admin/health/")
		}
	}
	staff.Get("/admin/health/")
	if rows, err := app.DB.NewSelect().Table("refused_origins").Count(context.Background()); err != nil || rows != 50 {
		t.Errorf("%d origins are kept: %v", rows, err)
	}
}
