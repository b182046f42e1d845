package handlers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// TestFileIsImportedInTheBrowser brings a file, says what its columns are, sees what it will
// do, lets it, and brings what was refused once more.
func TestFileIsImportedInTheBrowser(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	storeProjects(t, app, 2)
	ctx := browser(t)
	logIn(t, ctx, app)
	upload := func(content string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "projects.csv")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		do(t, ctx, chromedp.Navigate(app.URL+projectsURL+"import/"), chromedp.SetUploadFiles("#file", []string{file}), chromedp.Submit("#file"))
		sees(t, ctx, "the columns", "document.querySelectorAll('select[name=column]').length > 0")
	}
	says := func(words string) {
		t.Helper()
		sees(t, ctx, words, "document.readyState === 'complete' && document.querySelector('main').innerText.replace(/\\s+/g, ' ').includes('"+words+"')")
	}
	press := func() { t.Helper(); do(t, ctx, chromedp.Click("main form button", chromedp.NodeVisible)) }

	upload("Nombre;Estado;So far\nProject 1;on_hold;40\nQuotes;active;0\nLosses;nonsense;7\n")
	sees(t, ctx, "guessed columns", "[...document.querySelectorAll('select[name=column]')].map(s => s.value).join() === 'name,status,'")
	do(t, ctx, chromedp.SetValue("select[aria-label='So far']", "progress"))
	press()
	says("What this file will do")
	for _, words := range []string{"Progress: 0 → 40", "→ On hold", "Status: Choose one of the options.", "3 rows in the file"} {
		says(words)
	}
	if n := rowsOf(t, app, (*models.Project)(nil)); n != 2 {
		t.Errorf("the preview left %d projects", n)
	}
	press()
	sees(t, ctx, "the job", "location.pathname.startsWith('/admin/jobs/')")
	says("3 of 3 rows")
	says("What was not done")
	handedBack, err := chromedp.Run(ctx, chromedp.Evaluate[string]("fetch(document.querySelector('a[href$=\"/failures/\"]').href).then(a => a.text())", chromedp.EvalAwaitPromise))
	if err != nil || handedBack != "Nombre,Estado,So far,Why\nLosses,nonsense,7,Status: Choose one of the options.\n" {
		t.Fatalf("handed back: %q (%v)", handedBack, err)
	}
	upload("Nombre,Estado,So far,Why\nLosses,active,7,\n")
	do(t, ctx, chromedp.SetValue("select[aria-label='So far']", "progress"))
	press()
	says("What this file will do")
	says("1 row in the file:")
	press()
	says("1 of 1 rows")
	var rows []models.Project
	if err := app.DB.NewSelect().Model(&rows).OrderExpr("name").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 || rows[0].Name != "Losses" || rows[0].Progress != 7 || rows[1].Progress != 40 || rows[1].Status != models.ProjectOnHold || rows[3].Name != "Quotes" {
		t.Errorf("stored are %+v", rows)
	}
}
