package admin_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/static"
	"digitalpath/views/layout"
)

// browsed is a testSite that a browser looks at.
type browsed struct {
	*testSite
	ctx context.Context
	url string
}

func browse(t *testing.T, d *testSite) *browsed {
	t.Helper()
	path, err := exec.LookPath(cmp.Or(os.Getenv("TEST_CHROMIUM"), "chromium"))
	if err != nil {
		t.Skip("needs chromium")
	}
	var flashes []layout.Flash
	d.site.Flash = func(_ *fiber.Ctx, tone models.Tone, text string) error {
		flashes = append(flashes, layout.Flash{Text: text, Tone: string(tone)})
		return nil
	}
	d.site.FlashUndo = func(_ *fiber.Ctx, text, url string) error {
		flashes = append(flashes, layout.Flash{Text: text, Tone: string(models.TonePositive), UndoURL: url})
		return nil
	}
	d.site.Frame = func(c *fiber.Ctx, title string, crumbs ...layout.Crumb) (layout.Frame, error) {
		menu, err := d.site.Menu(c.UserContext(), c.Path())
		frame := layout.Frame{Title: title, Crumbs: crumbs, Menu: menu, User: "Ada", CSRF: "token", Path: c.OriginalURL()}
		if c.Get("HX-Request") == "" {
			frame.Flashes, flashes = flashes, nil
		}
		return frame, err
	}
	d.app.Get("/static/*", func(c *fiber.Ctx) error {
		asset, _ := static.Lookup(c.Path())
		c.Set(fiber.HeaderContentType, asset.Type)
		return c.Send(asset.Body)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = d.app.Listener(listener) }() // ends with the test
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closePage := chromedp.NewContext(allocated)
	ctx, expire := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(func() {
		expire()
		closePage()
		stop()
		_ = d.app.Shutdown() // the browser, which is closed, was its only client
	})
	return &browsed{d, ctx, "http://" + listener.Addr().String()}
}

// do runs steps, and waits until the page shows what a script looks for.
func (b *browsed) do(what, script string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, step := range steps {
		err := chromedp.Do(b.ctx, step)
		for try := 0; try < 5 && err != nil && strings.Contains(err.Error(), "node with given id"); try++ { // its element was replaced before it could do anything
			err = chromedp.Do(b.ctx, step)
		}
		if err != nil {
			b.t.Fatalf("%s: %v", what, err)
		}
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](script)); err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			shown, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
			b.t.Fatalf("the page never shows %s\n%s", what, shown)
		}
	}
}

// fill puts values into controls as somebody types them; a date has no other way.
func fill(pairs ...string) chromedp.Action[chromedp.Void] {
	script := ""
	for i := 0; i < len(pairs); i += 2 {
		script += fmt.Sprintf("{const c = document.querySelector('#form [name=%q]'); c.type === 'checkbox' ? c.checked = true : c.value = %q;"+
			"c.dispatchEvent(new Event('input', {bubbles: true})); c.dispatchEvent(new Event('change', {bubbles: true}))};", pairs[i], pairs[i+1])
	}
	return evaluate(script)
}

func evaluate(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script + "; undefined")
}

func TestEveryKindIsDrivenInABrowser(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	b := browse(t, d)
	const shown = "document.querySelector('main').innerText.includes(%q)"
	says := func(text string) string { return fmt.Sprintf(shown, text) }
	at := func(path string) chromedp.Action[chromedp.Void] { return chromedp.Navigate(b.url + path) }
	submit := evaluate("document.querySelector('[data-save-bar] [value=continue], [data-save-bar] button[type=submit]').click()") // wherever the bar stands

	b.do("an empty form", "document.querySelector('#form') !== null", at(samplesURL+"add/"))
	b.do("the control of the shop's name", "document.querySelector('#form [name=\"shop_id\"]') !== null", fill(
		"name", "Lamp", "nickname", "Lux", "notes", "One", "email", "lamp@example.com", "website", "https://example.com", "rating", "4", "parts", "12",
		"price", "12.50", "weight", "0.75", "ready", "true", "checked", "false", "day", "2026-11-20", "made_at", "2026-11-23T09:30", "stage", "done", "level", "2",
		"mood", "draft", "town", "bcn", "tags", "red", "owner_id", "ada", "shop_id", "South", "extra", `{"a": "b"}`, "jots.0.text", "shines"))
	b.do("the row", says("Lamp: saved."), submit)
	if row := d.sample(1); row.ShopID == nil || *row.ShopID != 3 || row.Day.Day() != 20 || row.Parts == nil || d.stored("jots", "text = 'shines'") != 1 {
		t.Fatalf("stored %+v", row)
	}
	d.addSamples()
	walked := map[string]bool{}
	for _, filter := range slices.Sorted(maps.Keys(sampleFilters)) {
		column, _, _ := strings.Cut(strings.ReplaceAll(filter, "__", "="), "=")
		if !walked[column] {
			walked[column] = true
			rows := len(d.get(samplesURL + "?" + filter).ids())
			b.do("the rows of "+filter, fmt.Sprintf("document.querySelectorAll('#list tbody tr[data-id]').length === %d && location.search === %q", rows, "?"+filter), at(samplesURL+"?"+filter))
		}
	}
	b.do("the rows by their shop", "document.querySelector('#list tbody tr').innerText.includes('Lamp')", at(samplesURL+"?o=shop.label"))
	b.do("the rows the other way around", "location.search.includes('o=-shop.label')", chromedp.Click("th a[href*='o=-shop.label']"))

	b.do("the flagship of a shop", says("South: saved."), at(shopsURL+"3/"), fill("flagship_id", "Lamp #1"), submit)
	if d.stored("shops", "id = 3 AND flagship_id = 1") != 1 {
		t.Error("the shop has no flagship")
	}

	b.do("the form", "document.querySelector('#form [name=\"shop_id\"]').value === 'South'", at(samplesURL+"1/"))
	b.do("what is saved", says("Torch: saved."), fill("name", "Torch", "shop_id", "North #1"), submit)
	b.do("the history", says("Torch"), at(samplesURL+"1/history/"))
	b.do("the question", says("This goes into the trash"), at(samplesURL+"1/delete/"))
	b.do("Undo", "document.querySelector('[role=status] form button') !== null", chromedp.Click("main form button"))
	if d.stored("samples", "id = 1") != 0 {
		t.Fatal("it is not deleted")
	}
	b.do("what is deleted", says("Torch is deleted."))
	b.do("the row again", "document.querySelector('#list tbody')?.innerText.includes('Torch')", evaluate(undo))
	if d.stored("samples", "id = 1 AND shop_id = 1") != 1 || d.stored("jots", "sample_id = 1") != 1 {
		t.Error("Undo did not restore it")
	}
	b.do("the first version in the form", "document.querySelector('#form [name=\"name\"]').value === 'Lamp'",
		at(samplesURL+"1/history/"), evaluate("location = [...document.querySelectorAll(\"a[href*='?version=']\")].at(-1).href"))
	b.do("the restored row", says("Lamp: saved."), submit)
	if d.stored("samples", "id = 1 AND name = 'Lamp' AND shop_id = 3") != 1 {
		t.Error("the version is not restored")
	}
}

// undo presses the button wherever the page has moved it to meanwhile.
const undo = "document.querySelector('[role=status] form button').click()"

func TestManyRowsAreEditedTakenBackAndExportedInABrowser(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.storeMany(4)
	b := browse(t, d)
	says := func(text string) string {
		return fmt.Sprintf("document.querySelector('main').innerText.includes(%q)", text)
	}
	const list = "document.querySelectorAll('#list tbody tr').length === 4"
	tick := "document.querySelectorAll('#list tbody [name=id]').forEach((box, i) => i < 3 && box.click())"

	b.do("the list", list, chromedp.Navigate(b.url+samplesURL))
	b.do("the button", "document.querySelector('[name=action][value=edit]').checkVisibility()", evaluate(tick))
	b.do("what can be edited", says("Tick what to change."), chromedp.Click("[name=action][value=edit]"))
	b.do("the refusal", says("Choose at least one field to change."), chromedp.Click("main form button"))
	b.do("what will change", says("Rating: 3 → 5"), chromedp.Click("[name=edit][value=rating]"),
		evaluate("document.querySelector('[name=\"set.rating\"]').value = '5'"), chromedp.Click("main form button"))
	b.do("what is done", "document.readyState === 'complete' && document.querySelector('[role=status] form button') !== null", chromedp.Click("main form button"))
	if n := d.stored("samples", "rating = 5"); n != 3 {
		t.Fatalf("%d are changed", n)
	}
	b.do("the undo", "document.readyState === 'complete' && document.querySelector('[role=status]').innerText.includes('3 undone.')", evaluate(undo))
	if n := d.stored("samples", "rating = 3"); n != 4 {
		t.Errorf("%d are as they were", n)
	}
	b.do("what an action asks for", "document.querySelector('[name=\"set.day\"]') !== null", evaluate(tick), chromedp.Click("[name=action][value=hand-over]"))
	b.do("the refusal", says("Enter a whole number."), chromedp.SetValue("[name='set.owner_id']", "ada"), chromedp.SetValue("[name='set.rating']", ""), chromedp.Click("main form button"))
	b.do("what the action did", "document.readyState === 'complete' && document.querySelector('[role=status]').innerText.includes('3 handed over.')",
		chromedp.SetValue("[name='set.rating']", "1"), chromedp.SetValue("[name='set.day']", "2026-12-24"), chromedp.Click("main form button"))
	if n := d.stored("samples", "rating = 1 AND owner_id = 1 AND day IS NOT NULL"); n != 3 {
		t.Errorf("%d are handed over", n)
	}
	b.do("a row of the list by name", "document.readyState === 'complete' && document.querySelector('h1').innerText === 'Sample 1'", chromedp.Navigate(b.url+samplesURL+"?o=name"), chromedp.Click("#list tbody a"))
	for _, step := range [][2]string{{"j", "Sample 2"}, {"j", "Sample 3"}, {"k", "Sample 2"}} {
		b.do("the row that "+step[0]+" leads to", fmt.Sprintf("document.readyState === 'complete' && document.querySelector('h1').innerText === %q", step[1]), chromedp.KeyEvent(step[0]))
	}
	b.do("the list", list, chromedp.Navigate(b.url+samplesURL))
	b.do("the columns of an export", "document.querySelector('main form [name=column]') !== null", evaluate(tick), chromedp.Click("[name=action][value=export]"))
	b.do("the file", "document.body.dataset.file !== undefined",
		evaluate("document.querySelector('main form [name=format]').value = 'csv'"), evaluate("{const form = document.querySelector('main form');"+
			"fetch(form.action, {method: 'post', body: new URLSearchParams(new FormData(form))}).then(r => r.text()).then(text => document.body.dataset.file = text)}"))
	file, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.dataset.file"))
	if err != nil || strings.Count(strings.TrimSpace(file), "\n") != 3 || !strings.Contains(file, "Sample 4") || strings.Contains(file, "Sample 1,") {
		t.Errorf("the file: %v\n%s", err, file)
	}
}
