package admin_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"digitalpath/admin/imports"
	"digitalpath/admin/sheets"
	"digitalpath/models"
)

// bring reads a file as the import of samples does, for who is signed in.
func (d *testSite) bring(file string) (context.Context, *imports.Importer, []string, *sheets.Sheet) {
	d.t.Helper()
	sheet, err := sheets.Read([]byte(file))
	if err != nil {
		d.t.Fatal(err)
	}
	ctx := models.WithActor(d.t.Context(), models.Actor{User: d.user, Rights: d.rights, Channel: models.ChannelBackoffice})
	im, err := d.site.Importer(ctx, "samples")
	if err != nil {
		d.t.Fatal(err)
	}
	columns := im.Guess(sheet.Header)
	if err := im.Check(ctx, columns); err != nil {
		d.t.Fatal(err)
	}
	return ctx, im, columns, sheet
}

// fates are what becomes of rows of a file: "new", "changed", "same" or the columns that
// it is refused for.
func fates(outcomes []imports.Outcome) string {
	words := make([]string, len(outcomes))
	for i := range outcomes {
		switch o := &outcomes[i]; {
		case o.Refused != nil:
			words[i] = strings.Join(slices.Sorted(maps.Keys(o.Refused.Fields)), "+")
		case o.New:
			words[i] = "new"
		case o.Changed():
			words[i] = "changed"
		default:
			words[i] = "same"
		}
	}
	return strings.Join(words, " ")
}

func TestExportedRowsOfEveryKindComeBackAsTheyAreAndAnImportIsTakenBack(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	for _, format := range []string{"csv", "xlsx"} {
		ctx, im, columns, sheet := d.bring(d.download(samplesURL + "export/?format=" + format))
		if outcomes, err := im.Preview(ctx, columns, sheet.Rows); err != nil || fates(outcomes) != "same same" {
			t.Errorf("what was exported as %s: %s (%v)", format, fates(outcomes), err)
		}
	}
	before := d.download(samplesURL + "export/?format=csv")
	ctx, im, columns, sheet := d.bring("name;price;rating;day;stage;level;made_at;shop;owner;tags;ready;checked\n" +
		"bare;12,50;2;24/12/2026;Completed;High;2025-01-02 03:04;South;ada;red;yes;no\nFresh;1;5;;draft;Low;2026-01-01 10:00;North #2;;;;\nLamp;1;9;;done;Low;2025-01-02 03:04;;;;;\n")
	outcomes, err := im.Take(models.InAct(ctx, "job-7"), columns, sheet.Rows)
	if err != nil || fates(outcomes) != "changed new rating" {
		t.Fatalf("taken in: %s (%v)", fates(outcomes), err)
	}
	row := d.sample(2)
	if row.Stage != "done" || row.Level != 2 || *row.ShopID != 3 || row.OwnerID == nil || !row.Ready || row.Checked == nil || *row.Checked || row.Day.Day() != 24 {
		t.Errorf("stored %+v", row)
	}
	act := d.get(samplesURL + "acts/job-7/")
	if text := act.Find("main").Text(); !strings.Contains(text, "2 imported.") || !strings.Contains(text, "Fresh") {
		t.Errorf("the act: %s", text)
	}
	d.mustPost(act.Find("form[action$='/undo/']").AttrOr("action", ""), nil)
	if after := d.download(samplesURL + "export/?format=csv"); after != before {
		t.Errorf("%s: left\n%s\nwant\n%s", d.last(), after, before)
	}
	if trash := d.get(samplesURL + "trash/").Find("main").Text(); !strings.Contains(trash, "Fresh") {
		t.Errorf("the trash: %s", trash)
	}
}

func TestLockedColumnIsChangedByNoWayIn(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	d.rights = models.Rights{Granted: []string{"samples.view", "samples.add", "samples.change", "samples.delete"}}
	form := d.get(samplesURL + "1/")
	if form.Find("#form [name=price]").Length() != 0 || !strings.Contains(form.Find("#form").Text(), "1,234.50") {
		t.Errorf("the form: %s", form.Find("#form").Text())
	}
	d.mustPost(samplesURL+"1/", typed(form, "price", "7", "rating", "5"))
	if row := d.sample(1); row.Price == "7" || row.Rating != 5 {
		t.Errorf("saved %+v", row)
	}
	ask := url.Values{"action": {"edit"}, "id": {"1", "2"}}
	if d.post(samplesURL, ask).Find("[data-field='set.price']").Length() != 0 {
		t.Error("a bulk edit offers it")
	}
	ask.Set("confirm", "yes")
	ask["edit"], ask["set.price"] = []string{"price"}, []string{"7"}
	if p := d.post(samplesURL, ask); p.status != http.StatusBadRequest {
		t.Errorf("a bulk edit: %d", p.status)
	}
	ctx, im, columns, sheet := d.bring("name,price\nLamp,7\n")
	if outcomes, err := im.Take(ctx, columns, sheet.Rows); err != nil || fates(outcomes) != "price" {
		t.Errorf("an import: %s (%v)", fates(outcomes), err)
	}
	if n := d.stored("samples", "price = 7"); n != 0 {
		t.Errorf("%d prices are changed", n)
	}
}
