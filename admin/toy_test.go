package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/records"
)

const shopsURL = "/admin/shops/"

// shop and sample refer to each other.
type shop struct {
	bun.BaseModel `bun:"table:shops,alias:shop"`

	ID         int64   `bun:"id,pk,autoincrement"`
	Label      string  `bun:"label,type:varchar(50)" validate:"required"`
	FlagshipID *int64  `bun:"flagship_id"`
	Flagship   *sample `bun:"rel:belongs-to,join:flagship_id=id" json:"-"`
	Stock      int     `bun:"stock,scanonly"` // samples in it
}

// jot belongs to a sample.
type jot struct {
	bun.BaseModel `bun:"table:jots,alias:jot"`

	ID       int64  `bun:"id,pk,autoincrement"`
	SampleID int64  `bun:"sample_id"`
	Text     string `bun:"text,type:varchar(50)" validate:"required"`
}

func declaredShops(db *bun.DB) *admin.Model[shop] {
	return &admin.Model[shop]{
		Slug: "shops", Name: "Shop", Plural: "Shops", List: []string{"label", "flagship.name", "stock"}, Search: []string{"label"}, Unindexed: true,
		Fieldsets: []admin.Fieldset{{Title: "Shop", Fields: []string{"label", "flagship_id", "flagship.rating", "stock"}}},
		ReadOnly:  []string{"stock"},
		Complete: func(ctx context.Context, rows []*shop) error {
			counts, err := countOf(ctx, db)
			for _, row := range rows {
				row.Stock = counts[row.ID]
			}
			return err
		},
		Inputs: map[string]admin.Input{"flagship_id": {Ref: "samples"}}, Rows: records.Of[shop](db),
	}
}

// countOf counts the samples by their shop.
func countOf(ctx context.Context, db *bun.DB) (map[int64]int, error) {
	var counts []struct {
		ShopID int64
		Number int
	}
	err := db.NewSelect().Table("samples").ColumnExpr("shop_id, count(*) AS number").Where("shop_id IS NOT NULL").GroupExpr("shop_id").Scan(ctx, &counts)
	byShop := map[int64]int{}
	for _, c := range counts {
		byShop[c.ShopID] = c.Number
	}
	return byShop, err
}

// makeTables makes the tables of the models, with a foreign key of every kind.
func makeTables(t *testing.T, db *bun.DB) {
	t.Helper()
	flagship := "(flagship_id) REFERENCES samples (id) ON DELETE SET NULL"
	shops := db.NewCreateTable().Model((*shop)(nil))
	if !models.IsPostgres(db) {
		shops.ForeignKey(flagship)
	}
	for _, create := range []*bun.CreateTableQuery{
		shops, db.NewCreateTable().Model((*sample)(nil)).ForeignKey("(shop_id) REFERENCES shops (id) ON DELETE RESTRICT"),
		db.NewCreateTable().Model((*jot)(nil)).ForeignKey("(sample_id) REFERENCES samples (id) ON DELETE CASCADE"),
	} {
		if _, err := create.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if models.IsPostgres(db) {
		if _, err := db.NewRaw("ALTER TABLE shops ADD FOREIGN KEY " + flagship).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.NewInsert().Model(&[]shop{{Label: "North"}, {Label: "North"}, {Label: "South"}}).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// last is what was flashed last: a sentence, or where Undo posts to.
func (d *testSite) last() string {
	d.t.Helper()
	if len(d.flashes) == 0 {
		d.t.Fatal("nothing is said")
	}
	return d.flashes[len(d.flashes)-1]
}

// mustPost is post that has to be done.
func (d *testSite) mustPost(path string, form url.Values) {
	d.t.Helper()
	if p := d.post(path, form); p.status != http.StatusSeeOther {
		d.t.Fatalf("POST %s: %d %s", path, p.status, p.body)
	}
}

// stored counts the rows of a table that a condition picks.
func (d *testSite) stored(table, where string) int {
	d.t.Helper()
	n, err := d.db.NewSelect().Table(table).Where(where).Count(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return int(n)
}

// lampAndShop are a sample with two jots in a shop whose flagship it is.
func (d *testSite) lampAndShop() {
	d.t.Helper()
	lamp := filledSample()
	for name, value := range map[string]string{"jots.0.text": "shines", "jots.1.text": "breaks", "jots.0.id": "", "jots.1.id": ""} {
		lamp.Set(name, value)
	}
	d.mustPost(samplesURL+"add/", lamp)
	d.mustPost(shopsURL+"2/", typed(d.get(shopsURL+"2/"), "flagship_id", "Lamp"))
}

func TestRowsThatReferToEachOtherAreNamedInListsFormsAndExports(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.lampAndShop()
	p := d.get(shopsURL + "?o=-flagship.name")
	if row := strings.Join(strings.Fields(p.Find("tbody tr").First().Text()), " "); p.Find("tbody tr").Length() != 3 || !strings.Contains(p.Find("tbody").Text(), "Lamp") {
		t.Errorf("shops by their flagship: %s", row)
	}
	if form := d.get(samplesURL + "1/"); form.value("shop_id") != "North #2" || !strings.Contains(form.Find("#form").Text(), "North") {
		t.Errorf("the form calls the shop %q", form.value("shop_id"))
	}
	if form := d.get(shopsURL + "2/"); form.value("flagship_id") != "Lamp" || !strings.Contains(strings.Join(strings.Fields(form.Find("#form").Text()), " "), "Flagship rating4Stock1") {
		t.Errorf("the form of a shop shows %s", form.Find("#form").Text())
	}
	if p.Find("th a[href*='o=stock'], th a[href*='o=-stock']").Length() != 0 || d.get(shopsURL+"?o=stock").Find("tbody tr").Length() != 3 {
		t.Error("a list can be sorted by what no table holds")
	}
	offered := d.get("/admin/shops/autocomplete/?q=north")
	if offered.Find("option[value='North #1'], option[value='North #2']").Length() != 2 {
		t.Errorf("offered are %s", offered.body)
	}
	refused := d.post(samplesURL+"1/", typed(d.get(samplesURL+"1/"), "shop_id", "North"))
	if refused.status != http.StatusBadRequest || !strings.Contains(refused.Find("#form").Text(), "more than one, is called that") {
		t.Errorf("a name of two: %d", refused.status)
	}
	if csv := d.get(shopsURL + "export/").body; !strings.Contains(csv, "flagship.name") || !strings.Contains(csv, "2,North,Lamp,1") {
		t.Errorf("exported:\n%s", csv)
	}
}

func TestDeletedRowTakesLeavesAndMeetsOthersAsTheForeignKeysSay(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.lampAndShop()
	asked := d.get(samplesURL + "1/delete/").Find("main").Text()
	for _, want := range []string{"Sample: Lamp", "Jots: 2", "Shops: 1, which stay but name it no more"} {
		if !strings.Contains(asked, want) {
			t.Errorf("%q is not in %s", want, asked)
		}
	}
	if _, err := d.db.ExecContext(t.Context(), "INSERT INTO jots (sample_id, text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT 1, 'shines' FROM n"); err != nil {
		t.Fatal(err)
	}
	if asked := d.get(samplesURL + "1/delete/").Find("main").Text(); !strings.Contains(asked, "Jots: 1,000+") {
		t.Errorf("many children: %s", asked)
	}
	if _, err := d.db.ExecContext(t.Context(), "DELETE FROM jots WHERE id > 2"); err != nil {
		t.Fatal(err)
	}
	if asked := d.get(shopsURL + "2/delete/").Find("main").Text(); !strings.Contains(asked, "Samples: 1, which stand in the way") {
		t.Errorf("a shop in use: %s", asked)
	}
	if p := d.post(shopsURL+"2/delete/", url.Values{"confirm": {"yes"}}); p.status != http.StatusConflict || d.stored("shops", "id = 2") != 1 || d.stored("trash", "1 = 1") != 0 {
		t.Errorf("a shop in use is deleted: %d %s", p.status, p.body)
	}
	d.mustPost(samplesURL+"1/delete/", url.Values{"confirm": {"yes"}})
	if d.stored("samples", "1 = 1")+d.stored("jots", "1 = 1") != 0 || d.stored("shops", "flagship_id IS NULL") != 3 {
		t.Error("the deletion left something")
	}
	d.mustPost(d.last(), nil)
	if d.stored("samples", "id = 1 AND shop_id = 2") != 1 || d.stored("jots", "sample_id = 1") != 2 || d.stored("shops", "id = 2 AND flagship_id = 1") != 1 {
		t.Error("Undo did not bring everything back")
	}
}

func TestRowIsChangedToldOfAndRestoredAsItWas(t *testing.T) {
	t.Parallel()
	d := sampleSite(t)
	d.lampAndShop()
	changes := []string{"rating", "2", "stage", "draft", "owner_id", "", "shop_id", "South", "tags", "green", "jots.0.text", "glows", "jots.1.delete", "true"}
	d.mustPost(samplesURL+"1/", typed(d.get(samplesURL+"1/"), changes...))
	if row := d.sample(1); row.Rating != 2 || row.OwnerID != nil || *row.ShopID != 3 || d.stored("jots", "text = 'glows'") != 1 || d.stored("jots", "1 = 1") != 1 {
		t.Fatalf("stored %+v", row)
	}
	history := d.get(samplesURL + "1/history/")
	told := strings.Join(strings.Fields(history.Find("main").Text()), " ")
	for _, want := range []string{"Rating", "Completed", "Draft", "Owner: ada", "Shop: North #2 → South", "red, blue", "green", "glows"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in the history: %s", want, told)
		}
	}
	var first int64
	if err := d.db.NewSelect().Model((*models.HistoryEntry)(nil)).ColumnExpr("min(id)").Where("model = 'samples'").Scan(t.Context(), &first); err != nil {
		t.Fatal(err)
	}
	version := history.Find("a[href*='?version=']").Last().AttrOr("href", "")
	if version == "" {
		t.Fatal("no version can be restored")
	}
	restored := d.get(version)
	d.mustPost(samplesURL+"1/", typed(restored))
	if row := d.sample(1); row.Rating != 4 || row.Stage != "done" || row.OwnerID == nil || *row.ShopID != 2 || strings.Join(row.Tags, " ") != "red blue" {
		t.Errorf("restored %+v", row)
	}
}

func TestReferencesThatChangedAreNamedInEveryHistoryEvenOnceTheyAreGone(t *testing.T) {
	d := sampleSite(t)
	d.lampAndShop()
	torch := filledSample()
	torch.Set("name", "Torch")
	d.mustPost(samplesURL+"add/", torch)
	d.mustPost(shopsURL+"2/", typed(d.get(shopsURL+"2/"), "flagship_id", "Torch"))
	want := func(words string, pages ...string) {
		t.Helper()
		for _, path := range pages {
			if text := strings.Join(strings.Fields(d.get(path).body), " "); !strings.Contains(text, words) || strings.Contains(text, "#1") {
				t.Errorf("%q is not in %s: %s", words, path, text)
			}
		}
	}
	var id int64
	if err := d.db.NewSelect().Model((*models.HistoryEntry)(nil)).ColumnExpr("max(id)").Where("model = 'shops'").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	want("Flagship Lamp → Torch", shopsURL+"2/history/", "/admin/history/?model=shops")
	want("Flagship: Lamp → Torch", "/admin/history/export/?model=shops")
	want("Torch", "/admin/history/"+strconv.FormatInt(id, 10)+"/")
	d.mustPost(samplesURL+"1/delete/", url.Values{"confirm": {"yes"}})
	want("Flagship Lamp → Torch", shopsURL+"2/history/", "/admin/history/?model=shops")
	asked := url.Values{"action": {"edit"}, "id": {"1", "3"}, "edit": {"flagship_id"}, "set.flagship_id": {"Torch"}, "preview": {"1"}}
	if p := d.post(shopsURL, asked); !strings.Contains(strings.Join(strings.Fields(p.Find("main").Text()), " "), "nothing → Torch") {
		t.Errorf("the preview says %s", p.Find("main").Text())
	}
}
