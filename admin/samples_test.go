package admin_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/records"
	"digitalpath/views/layout"
)

type stage string

func (stage) Choices() []models.Choice {
	return []models.Choice{{Value: "draft", Label: "Draft", Tone: models.ToneNeutral}, {Value: "done", Label: "Completed", Tone: models.TonePositive}}
}

type level int

func (level) Choices() []models.Choice {
	return []models.Choice{{Value: "1", Label: "Low"}, {Value: "2", Label: "High", Tone: models.ToneNegative}}
}

// sample has a column of every kind, and of those that may be null by pointer and by
// nullzero.
type sample struct {
	bun.BaseModel `bun:"table:samples,alias:sample"`

	ID       int64             `bun:"id,pk,autoincrement"`
	Name     string            `bun:"name,type:varchar(100)" validate:"required,max=100"`
	Nickname *string           `bun:"nickname,type:varchar(50)" validate:"omitempty,max=50"`
	Notes    string            `bun:"notes,type:text"`
	Email    string            `bun:"email,type:varchar(254)" validate:"omitempty,email"`
	Website  string            `bun:"website,type:varchar(200)" validate:"omitempty,http_url"`
	Secret   string            `bun:"secret,type:varchar(50)" json:"-"`
	Rating   int               `bun:"rating,type:integer" validate:"min=1,max=5"`
	Parts    *int              `bun:"parts,type:integer"`
	Price    string            `bun:"price,type:numeric(9,2)"`
	Weight   *float64          `bun:"weight,type:double precision"`
	Ready    bool              `bun:"ready"`
	Checked  *bool             `bun:"checked"`
	Day      time.Time         `bun:"day,type:date,nullzero"`
	MadeAt   time.Time         `bun:"made_at,type:timestamptz"`
	SeenAt   *time.Time        `bun:"seen_at,type:timestamptz"`
	Stage    stage             `bun:"stage,type:varchar(20)" validate:"choice"`
	Level    level             `bun:"level,type:integer" validate:"choice"`
	Mood     stage             `bun:"mood,type:varchar(20),nullzero"`
	Town     string            `bun:"town,type:varchar(20)"`
	Tags     []string          `bun:"tags,type:jsonb"`
	Rights   []string          `bun:"rights,type:jsonb"`
	Marks    []int64           `bun:"marks,type:jsonb"`
	OwnerID  *int64            `bun:"owner_id"`
	ShopID   *int64            `bun:"shop_id"`
	Extra    map[string]string `bun:"extra,type:jsonb"`

	Shop *shop `bun:"rel:belongs-to,join:shop_id=id" json:"-"`
	Jots []jot `bun:"-" validate:"-"`
}

func declaredSamples(db *bun.DB) *admin.Model[sample] {
	towns := func(context.Context) ([]models.Choice, error) {
		return []models.Choice{{Value: "bcn", Label: "Barcelona"}, {Value: "syd", Label: "Sydney"}}, nil
	}
	return &admin.Model[sample]{
		Slug: "samples", Name: "Sample", Plural: "Samples", Group: "Work",
		List: sampleColumns, Filters: sampleColumns, Search: []string{"name"}, Unindexed: true, Dates: "made_at",
		Choices:   map[string]func(context.Context) ([]models.Choice, error){"town": towns},
		Fieldsets: []admin.Fieldset{{Title: "Basic", Fields: append([]string{"secret"}, sampleColumns...)}},
		Labels:    map[string]string{"owner_id": "Owner", "day": "Delivery day"},
		Inputs: map[string]admin.Input{
			"secret": {Password: true}, "owner_id": {Ref: "users"}, "shop_id": {Ref: "shops"}, "rights": {Permissions: true},
			"marks": {Options: func(context.Context) ([]models.Choice, error) {
				return []models.Choice{{Value: "7", Label: "Seven"}, {Value: "8", Label: "Eight"}}, nil
			}},
		},
		Inlines: []admin.Inline{admin.Tabular[jot]{Name: "jots", Title: "Jots", Fields: []string{"text"}}},
		Actions: []admin.Action{
			{Name: "finish", Label: "Finish", Set: admin.Values{"stage": "done", "ready": true}, Done: "%d finished."},
			{Name: "hand-over", Label: "Hand over", Form: []string{"owner_id", "day", "rating"}, Done: "%d handed over."},
		},
		Locked: func(ctx context.Context, _ *sample) []string {
			if models.ActorOf(ctx).Rights.All {
				return nil
			}
			return []string{"price"}
		},
		Import: &admin.Import[sample]{Key: "name"},
		New:    func() *sample { return &sample{Stage: "draft", Rating: 3} },
		Rows: &records.Keeper[sample]{DB: db, Now: now, Hooks: records.Hooks[sample]{Children: []records.Children[sample]{
			records.List[sample, jot]{Name: "jots", Key: "sample_id", Rows: func(s *sample) *[]jot { return &s.Jots }},
		}}},
	}
}

// sampleSite is a back office of samples and users on a database of its own.
func sampleSite(t *testing.T) *testSite {
	t.Helper()
	d := &testSite{t: t, db: modelstest.New(t), rights: models.Rights{All: true}, user: &models.User{Username: "ada", Email: "ada@example.com", DateJoined: noon}}
	if _, err := d.db.NewInsert().Model(d.user).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	makeTables(t, d.db)
	d.site = &admin.Site{
		DB: d.db, Now: now,
		Frame: func(_ *fiber.Ctx, title string, crumbs ...layout.Crumb) (layout.Frame, error) {
			return layout.Frame{Title: title, Crumbs: crumbs}, nil
		},
		Flash: func(_ *fiber.Ctx, _ models.Tone, text string) error {
			d.flashes = append(d.flashes, text)
			return nil
		},
		FlashUndo: func(_ *fiber.Ctx, _, url string) error {
			d.flashes = append(d.flashes, url)
			return nil
		},
		TrashLife: 24 * time.Hour, Imports: func(string) []admin.Page { return nil },
	}
	d.site.Register(declaredSamples(d.db), declaredShops(d.db), &admin.Model[models.User]{
		Slug: "users", Name: "User", Plural: "Users", List: []string{"username"}, Search: []string{"username", "email"}, Unindexed: true,
	}, &admin.Model[models.HistoryEntry]{
		Slug: "history", Name: "Change", Plural: "History", List: []string{"object_label", "model", "changes", "at"}, Filters: []string{"model"}, Unindexed: true,
		Fieldsets: []admin.Fieldset{{Title: "What", Fields: []string{"changes"}}},
		Choices:   map[string]func(context.Context) ([]models.Choice, error){"model": d.site.Models},
	})
	d.mount(t)
	return d
}

// mount serves the models that are registered.
func (d *testSite) mount(t *testing.T) {
	t.Helper()
	if err := d.site.Check(); err != nil {
		t.Fatal(err)
	}
	d.app = fiber.New(fiber.Config{Immutable: true, ErrorHandler: refuse, DisableStartupMessage: true})
	d.site.Routes(d.app.Group("/admin", d.signIn))
}

// filledSample is what a form sends that has something in every control.
func filledSample() url.Values {
	return url.Values{
		"name": {"Lamp"}, "nickname": {"Lux"}, "notes": {"One\r\nTwo"}, "email": {"lamp@example.com"}, "website": {"https://example.com/lamp"},
		"secret": {"sesame"}, "rating": {"4"}, "parts": {"12"}, "price": {"1234.5"}, "weight": {"0.75"}, "ready": {"true"}, "checked": {"false"},
		"day": {"2026-11-20"}, "made_at": {"2026-11-23T09:30"}, "seen_at": {"2026-11-22T08:15:30"}, "stage": {"done"}, "level": {"2"}, "mood": {"draft"},
		"town": {"bcn"}, "tags": {"red\r\nblue\r\n"}, "rights": {"users.view"}, "marks": {"8", "7"}, "owner_id": {"ada"}, "extra": {`{"a": "b"}`}, "shop_id": {"North #2"},
	}
}

// addSamples stores the filled sample and one with as little as may be.
func (d *testSite) addSamples() {
	d.t.Helper()
	bare := url.Values{"name": {"Bare"}, "rating": {"1"}, "price": {"0"}, "made_at": {"2025-01-02T03:04"}, "stage": {"draft"}, "level": {"1"}}
	for _, form := range []url.Values{filledSample(), bare} {
		if p := d.post(samplesURL+"add/", form); p.status != http.StatusSeeOther {
			d.t.Fatalf("adding %s: %d %s", form.Get("name"), p.status, p.Find("[role=alert]").Text())
		}
	}
}

func (d *testSite) sample(id int64) *sample {
	d.t.Helper()
	row := &sample{ID: id}
	if err := d.db.NewSelect().Model(row).WherePK().Scan(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	return row
}

// sampleColumns are all but the primary key and what is never shown.
var sampleColumns = strings.Fields("name nickname notes email website rating parts price weight ready checked day made_at seen_at stage level mood town tags rights marks owner_id shop_id shop.label extra")

const samplesURL = "/admin/samples/"

// download is the file that an answer is.
func (d *testSite) download(path string) string {
	d.t.Helper()
	res, err := d.app.Test(httptest.NewRequest(http.MethodGet, path, nil), -1)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		d.t.Fatalf("GET %s: %d %s (%v)", path, res.StatusCode, body, err)
	}
	return string(body)
}
