package admin_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

func TestEveryKindIsStoredAsItWasTyped(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	got := d.sample(1)
	for column, ok := range map[string]bool{
		"name": got.Name == "Lamp", "nickname": got.Nickname != nil && *got.Nickname == "Lux", "notes": got.Notes == "One\nTwo",
		"email": got.Email == "lamp@example.com", "website": got.Website == "https://example.com/lamp", "secret": got.Secret == "sesame",
		"rating": got.Rating == 4, "parts": got.Parts != nil && *got.Parts == 12, "price": strings.TrimRight(got.Price, "0") == "1234.5",
		"weight": got.Weight != nil && *got.Weight == 0.75, "ready": got.Ready, "checked": got.Checked != nil && !*got.Checked,
		"day":     got.Day.Equal(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)),
		"made_at": got.MadeAt.Equal(time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)),
		"seen_at": got.SeenAt != nil && got.SeenAt.Equal(time.Date(2026, 11, 22, 8, 15, 30, 0, time.UTC)),
		"stage":   got.Stage == "done", "level": got.Level == 2, "mood": got.Mood == "draft", "town": got.Town == "bcn",
		"tags": slices.Equal(got.Tags, []string{"red", "blue"}), "rights": slices.Equal(got.Rights, []string{"users.view"}),
		"marks": slices.Equal(got.Marks, []int64{8, 7}), "owner_id": got.OwnerID != nil && *got.OwnerID == d.user.ID, "extra": got.Extra["a"] == "b",
	} {
		if !ok {
			t.Errorf("%s is not what was typed: %+v", column, got)
		}
	}
	bare := d.sample(2)
	if bare.Nickname != nil || bare.Parts != nil || bare.Weight != nil || bare.Checked != nil || bare.SeenAt != nil || bare.OwnerID != nil || !bare.Day.IsZero() || bare.Mood != "" {
		t.Errorf("what was left empty is not null: %+v", bare)
	}
}

// A form that is sent as it came changes nothing, whatever the kinds of its columns.
func TestSavingAFormUntouchedChangesNoColumn(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	exact := time.Date(2026, 11, 23, 9, 30, 1, 123456000, time.UTC)
	if _, err := d.db.NewUpdate().Model((*sample)(nil)).Set("made_at = ?", exact).Where("id = 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := d.get(samplesURL + "export/").body
	for _, id := range []string{"1", "2"} {
		form := d.get(samplesURL + id + "/")
		sent := typed(form)
		// A browser sends the option that it shows, the first where none is selected, and each tick.
		for _, name := range []string{"rights", "marks"} {
			sent[name] = form.Find("[name=" + name + "][checked]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("value", "") })
		}
		if p := d.post(samplesURL+id+"/", sent); p.status != http.StatusSeeOther {
			t.Fatalf("%d %s", p.status, p.Find("[role=alert]").Text())
		}
	}
	if after := d.get(samplesURL + "export/").body; after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	if row := d.sample(1); !row.MadeAt.Equal(exact) || row.Secret != "sesame" {
		t.Errorf("made at %s, secret %q", row.MadeAt, row.Secret)
	}
}

func TestControlsAreNativeAndTiedToTheirNotes(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	p := d.get(samplesURL + "1/")
	for name, want := range map[string][3]string{ // type, step, value
		"name": {"text", "", "Lamp"}, "email": {"email", "", "lamp@example.com"}, "website": {"url", "", "https://example.com/lamp"},
		"secret": {"password", "", ""}, "rating": {"number", "1", "4"}, "price": {"number", "0.01", "1234.50"}, "weight": {"number", "any", "0.75"},
		"ready": {"checkbox", "", "true"}, "day": {"date", "", "2026-11-20"}, "made_at": {"datetime-local", "", "2026-11-23T09:30"},
		"seen_at": {"datetime-local", "any", "2026-11-22T08:15:30"}, "owner_id": {"text", "", "ada"},
	} {
		input := p.Find("input#" + name)
		if got := [3]string{input.AttrOr("type", ""), input.AttrOr("step", ""), input.AttrOr("value", "")}; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"stage": "done", "level": "2", "mood": "draft", "checked": "false", "town": "bcn"} {
		if got := p.Find("select#"+name+" option[selected]").AttrOr("value", ""); got != want {
			t.Errorf("%s has %q selected, want %q", name, got, want)
		}
	}
	for name, required := range map[string]bool{"name": true, "nickname": false, "price": true, "day": false, "made_at": true, "parts": false} {
		_, marked := p.Find("#" + name).Attr("required")
		if star := strings.Contains(p.Find("label[for="+name+"]").Text(), "*"); marked != required || star != required {
			t.Errorf("%s: required %t, marked %t, want %t", name, marked, star, required)
		}
	}
	if _, ok := p.Find("#form").Attr("novalidate"); !ok {
		t.Error("the browser's bubbles speak before the form does")
	}
}

func TestWhatAKindCannotHoldIsRefusedInWordsBesideIt(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	for name, wrong := range map[string][2]string{
		"name": {"", "This field is required."}, "email": {"lamp", "Enter a valid e-mail address."}, "website": {"javascript:alert(1)", "Enter an address that starts with"},
		"rating": {"many", "Enter a whole number."}, "parts": {"1.5", "Enter a whole number."}, "price": {"1.234", "Decimals: at most 2."},
		"weight": {"1e999", "Enter a number, such as 12.50."}, "day": {"2026-02-30", "Enter a date, such as"}, "made_at": {"", "Enter a date and a time"},
		"seen_at": {"noon", "Enter a date and a time"}, "stage": {"lost", "Choose one of the options."}, "level": {"3", "Choose one of the options."},
		"town": {"nyc", "Choose one of the options."}, "owner_id": {"nobody", "Choose one that is offered: nothing, or more than one, is called that."}, "extra": {"{", "Enter valid JSON"},
	} {
		form := filledSample()
		form.Set(name, wrong[0])
		p := d.post(samplesURL+"add/", form)
		control := p.Find("#" + name)
		notes := p.Find("#" + control.AttrOr("aria-describedby", "none") + ", #" + name + "-error").Text()
		if p.status != http.StatusBadRequest || control.AttrOr("aria-invalid", "") != "true" || !strings.Contains(notes, wrong[1]) ||
			p.Find("[role=alert] a[href='#"+name+"']").Length() != 1 || p.Find("[data-fault]").Length() != 1 {
			t.Errorf("%s = %q: %d, said beside it %q, in all %q", name, wrong[0], p.status, notes, p.Find("[role=alert]").Text())
		}
	}
	big := filledSample()
	big.Set("price", "12345678")
	if p := d.post(samplesURL+"add/", big); !strings.Contains(p.body, "Digits before the point: at most 7.") {
		t.Errorf("a price beyond the column: %d", p.status)
	}
	if n, err := d.db.NewSelect().Model((*sample)(nil)).Count(t.Context()); err != nil || n != 2 {
		t.Errorf("%d rows are stored, %v", n, err)
	}
}

// sampleFilters are filters of every kind, and which of the samples they leave.
var sampleFilters = map[string]string{
	"name=any": "Lamp Bare", "name=none": "", "nickname=any": "Lamp", "nickname=none": "Bare", "notes=any": "Lamp", "email=none": "Bare", "website=any": "Lamp",
	"rating=4": "Lamp", "parts=nonzero": "Lamp", "parts=none": "Bare", "price=zero": "Bare", "price=nonzero": "Lamp", "weight=any": "Lamp",
	"ready=1": "Lamp", "ready=0": "Bare", "checked=0": "Lamp", "checked=1": "", "checked=none": "Bare", "day=7days": "Lamp", "day=none": "Bare",
	"made_at=today": "Lamp", "seen_at=any": "Lamp", "stage=done": "Lamp", "level=1": "Bare", "mood=draft": "Lamp", "mood=none": "Bare", "town=bcn": "Lamp", "town=old": "Bare", "town=nowhere": "",
	"tags=any": "Lamp", "tags=none": "Bare", "rights=any": "Lamp", "marks=none": "Bare", "owner_id=1": "Lamp", "owner_id=none": "Bare", "extra=any": "Lamp", "extra=none": "Bare",
	"rating__gte=2&rating__lte=4": "Lamp", "rating__gte=5": "", "parts__lte=11": "", "price__gte=1234.5": "Lamp", "price__lte=0": "Bare", "weight__gte=0.5&weight__lte=1": "Lamp",
	"made_at__gte=2026-11-23&made_at__lte=2026-11-23": "Lamp", "made_at__lte=2025-01-02": "Bare", "made_at__older=30": "Bare", "made_at=30days": "Lamp",
	"day__gte=2026-11-20&day__lte=2026-11-20": "Lamp", "day__lte=2026-11-19": "", "day__older=2": "Lamp", "day__older=3": "", "seen_at__gte=2026-11-22": "Lamp",
	"day__gte=2026-11-20&day__lte=2026-11-20&tz=America/New_York": "Lamp", "day__gte=2026-11-20&day__lte=2026-11-20&tz=Asia/Tokyo": "Lamp",
	"made_at__lte=2026-11-22&tz=America/New_York": "Bare", "made_at__gte=2025-01-02&made_at__lte=2025-01-02&tz=America/New_York": "", "rating=5&rating__lte=4": "Lamp Bare",
	"shop_id=2": "Lamp", "shop_id=1": "", "shop.label=any": "Lamp", "shop.label=none": "Bare",
}

func TestListsFilterAndSortByEveryKind(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	if _, err := d.db.ExecContext(t.Context(), "UPDATE samples SET town = 'old' WHERE name = 'Bare'"); err != nil { // which is not offered
		t.Fatal(err)
	}
	for filter, want := range sampleFilters {
		if got := strings.Join(d.get(samplesURL+"?"+filter).names(), " "); got != want {
			t.Errorf("%s leaves %q, want %q", filter, got, want)
		}
	}
	p := d.get(samplesURL)
	for _, name := range sampleColumns {
		sortable := !slices.Contains([]string{"notes", "tags", "rights", "marks", "extra"}, name)
		if got := p.Find("th a[href*='o="+name+"'], th a[href*='o=-"+name+"']").Length() > 0; got != sortable {
			t.Errorf("%s sortable: %t", name, got)
		}
		if !sortable {
			continue
		}
		up, down := d.get(samplesURL+"?o="+name).names(), d.get(samplesURL+"?o=-"+name).names()
		slices.Reverse(down)
		if len(up) != 2 || !slices.Equal(up, down) {
			t.Errorf("by %s: %q, backwards %q", name, up, down)
		}
	}
	if got := strings.Join(d.get(samplesURL+"?o=price").names(), " "); got != "Bare Lamp" {
		t.Errorf("by price: %s", got)
	}
}

func TestCellsReadAsPeopleWrite(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	p := d.get(samplesURL + "?q=Lamp")
	cells := p.Find("tbody tr").First().Text()
	for _, want := range []string{"Lamp", "Lux", "One Two", "1,234.50", "0.75", "20 Nov 2026", "Completed", "High", "Draft", "Barcelona", "red, blue", "ada"} {
		if !strings.Contains(cells, want) {
			t.Errorf("%q is not in %q", want, strings.Join(strings.Fields(cells), " "))
		}
	}
	if strings.Contains(cells, "sesame") {
		t.Error("a password is shown")
	}
}

func TestExportIsWhatImportTakes(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	form := filledSample()
	form.Set("notes", "=1+1")
	if p := d.post(samplesURL+"add/", form); p.status != http.StatusSeeOther {
		t.Fatal(p.status)
	}
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(d.get(samplesURL+"export/").body, sheets.CSVMark))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]string{}
	for i, name := range records[0] {
		cells[name] = records[1][i]
	}
	for name, want := range map[string]string{
		"notes": "'=1+1", "price": "1234.50", "weight": "0.75", "ready": "true", "checked": "false", "day": "2026-11-20", "made_at": "2026-11-23T09:30:00Z",
		"stage": "done", "level": "2", "tags": "red\nblue", "marks": "7\n8", "owner_id": "1", "shop_id": "2", "shop.label": "North", "extra": `{"a":"b"}`, "secret": "",
	} {
		if cells[name] != want {
			t.Errorf("%s is exported as %q, want %q", name, cells[name], want)
		}
	}
}

func TestActionsSetAndAskForColumnsOfEveryKind(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	if p := d.post(samplesURL, url.Values{"action": {"finish"}, "id": {"1", "2"}}); p.status != http.StatusSeeOther || d.sample(2).Stage != "done" || !d.sample(2).Ready {
		t.Errorf("set: %d %+v", p.status, d.sample(2))
	}
	ask := d.post(samplesURL, url.Values{"action": {"hand-over"}, "id": {"2"}})
	if ask.Find("#owner_id, [name='set.owner_id'], input[type=date][name='set.day'], input[type=number][name='set.rating']").Length() != 3 || ask.Find("[name='set.name']").Length() != 0 {
		t.Fatalf("asks for %s", ask.Find("form").Text())
	}
	answer := func(owner, rating string) url.Values {
		return url.Values{"action": {"hand-over"}, "id": {"2"}, "confirm": {"yes"}, "set.owner_id": {owner}, "set.day": {"2026-12-24"}, "set.rating": {rating}}
	}
	p := d.post(samplesURL, answer("nobody", "many"))
	for name, want := range map[string][2]string{
		"owner_id": {"nobody", "Choose one that is offered"}, "rating": {"many", "Enter a whole number."}, "day": {"2026-12-24", ""},
	} {
		field := p.Find("[data-field='set." + name + "']")
		if kept := field.Find("input").AttrOr("value", ""); kept != want[0] || !strings.Contains(field.Text(), want[1]) {
			t.Errorf("%s: %q is kept, and said %q", name, kept, field.Text())
		}
	}
	if p.status != http.StatusBadRequest || d.sample(2).OwnerID != nil {
		t.Errorf("refused: %d %+v", p.status, d.sample(2))
	}
	p = d.post(samplesURL+"2/", answer("ada", "5"))
	if row := d.sample(2); p.status != http.StatusSeeOther || row.OwnerID == nil || *row.OwnerID != d.user.ID || row.Day.Format(time.DateOnly) != "2026-12-24" || row.Rating != 5 {
		t.Errorf("handed over: %d %+v", p.status, row)
	}
	d.rights = models.Rights{Granted: []string{"samples.view"}}
	if p := d.post(samplesURL, answer("ada", "4")); p.status != http.StatusForbidden || d.sample(2).Rating != 5 || d.get(samplesURL).Find("[name=action]:not([value=export])").Length() != 0 {
		t.Errorf("who may only look: %d", p.status)
	}
}

func TestHistorySpeaksInTheWordsOfTheDeclaration(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	entry := models.HistoryEntry{At: noon, Model: "samples", ObjectID: 1, Action: models.HistoryChanged, Changes: []models.FieldChange{
		{Field: "level", From: "1", To: "2"}, {Field: "day", From: "", To: "2026-11-20"}, {Field: "ready", From: "false", To: "true"}, {Field: "price", From: "1", To: "1234.50"},
		{Field: "made_at", From: "2026-11-23T09:30", To: "2026-11-24T10:00:00Z"},
	}}
	if err := models.Record(t.Context(), d.db, entry); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(d.get(samplesURL+"1/history/").Find("main").Text()), " ")
	for _, want := range []string{"Delivery day", "20 Nov 2026", "Low", "High", "No", "Yes", "1,234.50", "23 Nov 2026, 09:30 UTC", "24 Nov 2026, 10:00 UTC"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
}

func TestPasswordIsToldToBeSetAndKeptNowhereElse(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.addSamples()
	d.mustPost(samplesURL+"1/", typed(d.get(samplesURL+"1/"), "secret", "open barley", "rating", "2"))
	if text := strings.Join(strings.Fields(d.get(samplesURL+"1/history/").Find("main").Text()), " "); !strings.Contains(text, "Secret → set") || strings.Contains(text, "barley") {
		t.Errorf("the history says %s", text)
	}
	d.mustPost(samplesURL+"1/delete/", url.Values{"confirm": {"yes"}})
	if n := d.stored("history_entries", "CAST(changes AS text) LIKE '%barley%' OR CAST(version AS text) LIKE '%barley%' OR CAST(before AS text) LIKE '%barley%'"); n != 0 {
		t.Errorf("%d entries keep the password", n)
	}
}

func TestColumnThatNoKindTakesStopsTheStartByName(t *testing.T) {
	t.Parallel()
	type odd struct {
		bun.BaseModel `bun:"table:odd"`
		ID            int64      `bun:"id,pk"`
		Wave          complex128 `bun:"wave"`
	}
	site := &admin.Site{DB: modelstest.New(t)}
	site.Register(&admin.Model[odd]{Slug: "odd", Name: "Odd", Plural: "Odd", List: []string{"wave"}})
	if err := site.Check(); err == nil || !strings.Contains(err.Error(), `admin: model "odd": column "wave" has the type complex128, which no kind of column takes`) {
		t.Errorf("got %v", err)
	}
}
