package handlers_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"digitalpath/handlers/handlerstest"
)

// TestPagesThatActOnRowsAreForEverybody walks from the list through its bulk edit, export,
// views, import, history and trash in Spanish, and holds each page against axe.
func TestPagesThatActOnRowsAreForEverybody(t *testing.T) {
	t.Parallel()
	script := axeScript(t)
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	storeProjects(t, app, 3)
	ctx := browser(t)
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+projectsURL), evaluate(`fetch('/admin/preferences', {method: 'POST', body: new URLSearchParams({lang: 'es', csrf_token: document.querySelector('[name=csrf_token]').value})}).then(() => location.reload())`))
	sees(t, ctx, "the list in Spanish", "document.readyState === 'complete' && document.title.startsWith('Proyectos')")
	look := func(page, says string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		do(t, ctx, steps...)
		sees(t, ctx, page+" says "+says, fmt.Sprintf("document.readyState === 'complete' && document.querySelector('main').innerText.includes(%q)", says))
		do(t, ctx, chromedp.EmulateViewport(360, 800))
		holdAgainstAxe(t, ctx, script, page)
		do(t, ctx, chromedp.EmulateViewport(1280, 800))
	}
	at := func(path string) chromedp.Action[chromedp.Void] {
		return chromedp.Navigate(app.URL + projectsURL + path)
	}
	tick := evaluate("document.querySelectorAll('#list tbody [name=id]').forEach(box => box.click())")
	press := func(button string) chromedp.Action[chromedp.Void] {
		return evaluate("document.querySelector('" + button + "').click()")
	}

	look("the list with the menu of views", "Guardar", evaluate("document.querySelectorAll('details').forEach(d => d.open = true)"))
	look("bulk edit", "Marca lo que quieres cambiar", at(""), tick, press("[name=action][value=edit]"))
	look("bulk edit, refused", "Elige al menos un campo", press("main form button"))
	look("preview", "Cambiar 3 filas", press("[name=edit][value=status]"), evaluate("document.querySelector('[name=\"set.status\"]').value = 'on_hold'"), press("main form button"))
	look("list with undo", "Proyectos", press("main form button"))
	look("export", "Exportar", at("export/columns/"))
	look("import", "Importar", at("import/"))
	look("columns of a file", "Nombre", evaluate("document.querySelector('[name=text]').value = 'Nombre;Estado\\nProject 1;Activo\\nNuevo;Activo\\n;Activo\\n'"), press("main form button"))
	look("preview of a file", "Rechazad", press("main form button"))
	look("job", "Importa", press("main form button"))
	look("act", "importados", press("a[href*=\"/acts/\"]"))
	look("list after undo", "Se ha deshecho en 2 filas", press("main form[action$=\"/undo/\"] button"))
	look("trash", "Nuevo", at("trash/"))
	look("purge", "definitivamente", press("[name=id]"), press("[name=action][value=purge]"))
	look("history of a row", "En pausa", at("1/history/"))
}

func evaluate(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script + "; undefined")
}
