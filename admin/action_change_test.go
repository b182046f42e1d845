package admin_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// storeMany stores so many samples, of which every tenth is finished.
func (d *testSite) storeMany(count int) {
	d.t.Helper()
	rows := make([]sample, count)
	for i := range rows {
		rows[i] = sample{Name: fmt.Sprintf("Sample %d", i+1), Rating: 3, Price: "1.5", MadeAt: noon, Stage: "draft", Level: 1, Tags: []string{"red"}}
		if i%10 == 0 {
			rows[i].Stage, rows[i].Ready = "done", true
		}
	}
	if _, err := d.db.NewInsert().Model(&rows).Exec(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

func TestPreviewOfVeryManyRowsCountsThoseThatWillChange(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.storeMany(620)
	for _, c := range []struct {
		set  url.Values
		want string
	}{
		{url.Values{"stage": {"done"}}, "Edit 620 rows 558 of them change, the others are so already. Change 558 rows"},
		{url.Values{"ready": {"true"}, "mood": {""}}, "Edit 620 rows 558 of them change, the others are so already. Change 558 rows"},
		{url.Values{"price": {"1.50"}}, "Edit 620 rows 0 of them change, the others are so already. Change 0 rows"},
		{url.Values{"day": {"2026-11-20"}}, "Edit 620 rows Change 620 rows"},
		{url.Values{"tags": {"red"}}, "Edit 620 rows At most these change: those that are so already stay as they are. The first ones: Change at most 620 rows"},
	} {
		form := url.Values{"action": {"edit"}, "all": {"1"}, "preview": {"1"}}
		for name, texts := range c.set {
			form["edit"], form["set."+name] = append(form["edit"], name), texts
		}
		page := d.post(samplesURL, form)
		got := strings.Join(strings.Fields(page.Find("main h1").Text()+" "+page.Find("main p.mt-3").Text()+" "+page.Find("main form button").Text()), " ")
		if got != c.want {
			t.Errorf("%v: the preview says %q, want %q", c.set, got, c.want)
		}
		if text := page.Find("[data-change]").Text(); c.set.Has("stage") && (strings.Contains(text, "Sample 1 ") || !strings.Contains(text, "Sample 2")) {
			t.Errorf("the preview shows %s", text)
		}
	}
}

func TestBulkEditOffersOneBoxAndAChoiceForYesOrNo(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.storeMany(3)
	page := d.post(samplesURL, url.Values{"action": {"edit"}, "id": {"1", "2", "3"}})
	field := page.Find("[data-field='set.ready']")
	if boxes, options := field.Find("input[type=checkbox]").Length(), field.Find("option").Text(); boxes != 1 || options != "YesNo" {
		t.Errorf("%d boxes, options %q", boxes, options)
	}
	d.mustPost(samplesURL, url.Values{"action": {"edit"}, "id": {"1", "2", "3"}, "confirm": {"yes"}, "edit": {"ready"}, "set.ready": {"false"}})
	if n := d.stored("samples", "ready"); n != 0 {
		t.Errorf("%d are ready still", n)
	}
}

func TestManyRowsGetAValueOfEveryKindAndGoBack(t *testing.T) {
	d := sampleSite(t)
	d.addSamples()
	before := d.download(samplesURL + "export/")
	form := url.Values{"action": {"edit"}, "id": {"1", "2"}, "preview": {"1"}}
	for name, texts := range filledSample() {
		if name != "secret" && name != "rights" { // of which one is told nobody, and one is a table
			form["edit"], form["set."+name] = append(form["edit"], name), texts
		}
	}
	ask := d.post(samplesURL, form)
	shown := strings.Join(strings.Fields(ask.Find("[data-change]").Text()), " ")
	for _, want := range []string{"Name: Bare → Lamp", "Shop: nothing → North #2", "Owner: nothing → ada", "Stage: Draft → Completed", "Delivery day: nothing → 20 Nov 2026", "Town: nothing → Barcelona"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in the preview %s", want, shown)
		}
	}
	form.Set("confirm", "yes")
	d.mustPost(samplesURL, form)
	one, two := d.sample(1), d.sample(2)
	two.ID, two.Secret, two.Rights = one.ID, one.Secret, one.Rights
	if !reflect.DeepEqual(one, two) {
		t.Errorf("the rows are\n%+v\n%+v", one, two)
	}
	d.mustPost(d.last(), nil)
	if after := d.download(samplesURL + "export/"); after != before {
		t.Errorf("taken back\n%s\nwas\n%s", after, before)
	}
}
