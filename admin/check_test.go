package admin_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/records"
)

func TestWrongDeclarationsStopTheStartByName(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	type declaration = admin.Model[models.ContactMessage]
	for want, spoil := range map[string]func(*declaration){
		`List names the column "nmae", which contact_messages does not have`:    func(m *declaration) { m.List = append(m.List, "nmae") },
		`Filters names the column "state"`:                                      func(m *declaration) { m.Filters = append(m.Filters, "state") },
		`Search names "created_at", which is not what it takes: a text column`:  func(m *declaration) { m.Search = []string{"created_at"} },
		`Dates names "sent_at", which is not what it takes: a time column that`: func(m *declaration) { m.Dates = "sent_at" },
		`Fieldsets names the column "error"`:                                    func(m *declaration) { m.Fieldsets[1].Fields = []string{"error"} },
		`Labels names the column "recieved"`:                                    func(m *declaration) { m.Labels = map[string]string{"recieved": "x"} },
		`Excerpt names the column "text"`:                                       func(m *declaration) { m.Excerpt = "text" },
		`MailTo names the column "mail"`:                                        func(m *declaration) { m.MailTo = "mail" },
		`Default names "status", which is not a bool filter`:                    func(m *declaration) { m.Default = map[string]string{"status": "sent"} },
		`Default for "is_spam" must be "0" or "1"`:                              func(m *declaration) { m.Default["is_spam"] = "false" },
		`action "delete" has an empty, reserved or repeated name`:               func(m *declaration) { m.Actions[0].Name = "delete" },
		`action "spam" must have one of Run, RunAsked, and Set or Form`:         func(m *declaration) { m.Actions[1].Run = nil },
		`action "spam" must have Label and Done`:                                func(m *declaration) { m.Actions[1].Done = "" },
		`action "spam" has Set or Form, which takes Rows or Save`: func(m *declaration) {
			m.Actions[1].Run, m.Actions[1].Set = nil, admin.Values{"is_spam": true}
		},
		`List begins with "status", which tells no row from others: set Title`: func(m *declaration) {
			m.List, m.Title = []string{"status", "name"}, nil
		},
		`List must name a column`: func(m *declaration) { m.List = nil },
	} {
		m := declared(&testSite{})
		spoil(m)
		site := &admin.Site{DB: db}
		site.Register(m)
		err := site.Check()
		if err == nil || !strings.HasPrefix(err.Error(), `admin: model "contact-messages": `) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a sentence with %q", err, want)
		}
	}
	site := &admin.Site{DB: db}
	site.Register(declared(&testSite{}), declared(&testSite{}))
	if err := site.Check(); err == nil || !strings.Contains(err.Error(), "declared twice") {
		t.Errorf("the same slug twice: %v", err)
	}
}

// A second model shows that nothing in the engine is about contact messages.
func TestEveryModelIsDeclaredTheSameWay(t *testing.T) {
	t.Parallel()
	d := newSite(t)
	d.site.Register(&admin.Model[models.User]{
		Slug: "users", Name: "User", Plural: "Users", Group: "People",
		List:    []string{"username", "is_staff", "is_active", "last_login"},
		Filters: []string{"is_staff", "is_active", "last_login"}, Search: []string{"username"}, Unindexed: true,
		Fieldsets: []admin.Fieldset{{Title: "Account", Fields: []string{"username", "is_staff", "date_joined"}}},
	})
	if err := d.site.Check(); err != nil {
		t.Fatal(err)
	}
	d.site.Routes(d.app.Group("/admin", d.signIn))
	users := []models.User{
		{Username: "ada", Email: "a@example.com", IsStaff: true, IsActive: true, DateJoined: noon, LastLogin: noon},
		{Username: "bob", Email: "b@example.com", DateJoined: noon},
	}
	if _, err := d.db.NewInsert().Model(&users).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(d.get("/admin/users/").names(), " "); got != "bob ada" {
		t.Errorf("users, newest first: %s", got)
	}
	p := d.get("/admin/users/?is_staff=1&last_login=today&q=AD&o=last_login")
	if got := strings.Join(p.names(), " "); got != "ada" || !p.has("Yes 1") || !p.has("No 0") {
		t.Errorf("staff: %s; choices %q", got, strings.Join(strings.Fields(p.Find("#list").Text()), " "))
	}
	if p := d.get("/admin/users/1/"); p.Find("h1").Text() != "ada" || p.has("Delete…") || p.Find("form [name=action]").Length() != 0 {
		t.Error("a model without actions and deletion offers some")
	}
}

func TestForgottenIndexWordOrRightStopsTheStartAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	for want, spoil := range map[string]func(*admin.Site, *admin.Model[models.ContactMessage]){
		`page "/admin/x/" says ["Graphs"], which have no Spanish: add them to its catalogue in views/i18n`: func(s *admin.Site, _ *admin.Model[models.ContactMessage]) {
			s.Pages = []admin.Page{{Label: "Graphs", URL: "/admin/x/"}}
		},
		`model "contact-messages" says ["Got" "Missive"], which have no Spanish`: func(_ *admin.Site, m *admin.Model[models.ContactMessage]) {
			m.Name, m.Labels["created_at"] = "Missive", "Got"
		},
		`model "contact-messages": action spam needs the right "chnage"`:      func(_ *admin.Site, m *admin.Model[models.ContactMessage]) { m.Actions[1].Needs = "chnage" },
		`model "contact-messages": RightsOf names "mails", which is no model`: func(_ *admin.Site, m *admin.Model[models.ContactMessage]) { m.RightsOf = "mails" },
	} {
		m := declared(&testSite{})
		site := &admin.Site{DB: db, Translated: func(word string) bool { return !slices.Contains([]string{"Graphs", "Missive", "Got"}, word) }}
		spoil(site, m)
		site.Register(m)
		if err := site.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a sentence with %q", err, want)
		}
	}
	m := declared(&testSite{})
	m.Search = []string{"email"}
	if models.IsPostgres(db) { // whose index is good for a part of its columns
		m.Search = []string{"ip_address"}
	}
	site := &admin.Site{DB: db}
	site.Register(m)
	err := site.Check()
	want := "must make the FTS5 table contact_messages_search of exactly (email), or set Unindexed"
	if models.IsPostgres(db) {
		want = "must make a GIN index with gin_trgm_ops of search_fold of each of (ip_address), or set Unindexed"
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("without an index: %v", err)
	}
	if m.Unindexed = true; site.Check() != nil {
		t.Errorf("unindexed on purpose: %v", site.Check())
	}
}

func TestForgottenModelSearchColumnOrCompleteIsNamed(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	makeTables(t, db)
	for want, spoil := range map[string]func(samples *admin.Model[sample], shops *admin.Model[shop]){
		`"owner_id" refers to "people", which is no model with Search`: func(samples *admin.Model[sample], _ *admin.Model[shop]) {
			samples.Inputs["owner_id"] = admin.Input{Ref: "people"}
		},
		`"shop_id" refers to "shops", which is no model with Search, by which its rows are found: Register it, or set its Search`: func(_ *admin.Model[sample], shops *admin.Model[shop]) { shops.Search = nil },
		`List names "flag.name", and shop has no field of that name with bun:"rel:belongs-to`:                                     func(_ *admin.Model[sample], shops *admin.Model[shop]) { shops.List = []string{"flag.name"} },
		`List names the column "flagship.nmae", which shops does not have`:                                                        func(_ *admin.Model[sample], shops *admin.Model[shop]) { shops.List = []string{"flagship.nmae"} },
		`List names "stock", which no table holds: set Complete`:                                                                  func(_ *admin.Model[sample], shops *admin.Model[shop]) { shops.Complete = nil },
		`Filters names "stock", which is not what it takes`:                                                                       func(_ *admin.Model[sample], shops *admin.Model[shop]) { shops.Filters = []string{"stock"} },
	} {
		samples, shops := declaredSamples(db), declaredShops(db)
		spoil(samples, shops)
		site := &admin.Site{DB: db}
		site.Register(samples, shops, &admin.Model[models.User]{Slug: "users", Name: "User", Plural: "Users", List: []string{"username"}, Search: []string{"username"}, Unindexed: true})
		if err := site.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a sentence with %q", err, want)
		}
	}
	if _, err := db.NewRaw("ALTER TABLE shops RENAME COLUMN label TO name").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	site := &admin.Site{DB: db}
	site.Register(declaredShops(db), declaredSamples(db))
	if err := site.Check(); err == nil || !strings.Contains(err.Error(), `the table shops has no column "label": a migration in migrations/`) {
		t.Errorf("a migration that lacks a column: %v", err)
	}
}

// What would fail at a request, or be lost without a word, does not start.
func TestWhatWouldFailAtARequestStopsTheStart(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	makeTables(t, db)
	type samples = admin.Model[sample]
	jots := func(in admin.Tabular[jot]) func(*admin.Site, *samples) {
		return func(_ *admin.Site, m *samples) { m.Inlines = []admin.Inline{in} }
	}
	sets := func(column string, value any) func(*admin.Site, *samples) {
		return func(_ *admin.Site, m *samples) { m.Actions[0].Set = admin.Values{column: value} }
	}
	input := func(column string, in admin.Input) func(*admin.Site, *samples) {
		return func(_ *admin.Site, m *samples) { m.Inputs[column] = in }
	}
	run := func(context.Context, []int64) (int, error) { return 0, nil }
	serve := func(*fiber.Ctx) error { return nil }
	for want, spoil := range map[string]func(*admin.Site, *samples){
		`Bars has an empty name`:                                        func(_ *admin.Site, m *samples) { m.Bars = []string{""} },
		`Import.Columns names the column "nope"`:                        func(_ *admin.Site, m *samples) { m.Import.Columns = []string{"nope"} },
		`Import.Columns names "shop.label", which is not what it takes`: func(_ *admin.Site, m *samples) { m.Import.Columns = []string{"shop.label"} },
		`Import.Names names "shop.label", which no file may hold`:       func(_ *admin.Site, m *samples) { m.Import.Names = map[string]string{"both": "name shop.label"} },
		`sample has no field of that name with bun:"rel:belongs-to`: func(_ *admin.Site, m *samples) {
			m.Fieldsets[0].Fields = append(m.Fieldsets[0].Fields, "store.label")
		},
		`Fieldsets names "name" twice`:                  func(_ *admin.Site, m *samples) { m.Fieldsets[0].Fields = append(m.Fieldsets[0].Fields, "name") },
		`Fieldsets names "id", which is not what`:       func(_ *admin.Site, m *samples) { m.Fieldsets[0].Fields = append(m.Fieldsets[0].Fields, "id") },
		`Fieldsets must each have a Title of its own`:   func(_ *admin.Site, m *samples) { m.Fieldsets[0].Title = "" },
		`Rows and Save take Fieldsets`:                  func(_ *admin.Site, m *samples) { m.Fieldsets = nil },
		`Search names "price", which is not what`:       func(_ *admin.Site, m *samples) { m.Search = []string{"price"} },
		`Filters names "secret", which is not what`:     func(_ *admin.Site, m *samples) { m.Filters = append(m.Filters, "secret") },
		`Key names "secret", which is not what`:         func(_ *admin.Site, m *samples) { m.Key = "secret" },
		`Choices names "rating", which is not what`:     func(_ *admin.Site, m *samples) { m.Choices["rating"] = m.Choices["town"] },
		`Slug must be of small letters`:                 func(_ *admin.Site, m *samples) { m.Slug = "sam/ples" },
		`set the keeper's Slug`:                         func(_ *admin.Site, m *samples) { m.Slug = "lamps" },
		`Icon "unicorn" is none`:                        func(_ *admin.Site, m *samples) { m.Icon = "unicorn" },
		`Trash is set beside Rows`:                      func(_ *admin.Site, m *samples) { m.Trash = m.Rows },
		`inline "jots" is none of the keeper's`:         func(_ *admin.Site, m *samples) { m.Rows = records.Of[sample](db) },
		`Labels of inline jots names the column "nope"`: jots(admin.Tabular[jot]{Name: "jots", Title: "Jots", Fields: []string{"text"}, Labels: map[string]string{"nope": "Nope"}}),
		`inline "jots" must have Name, Title`:           jots(admin.Tabular[jot]{Name: "jots", Fields: []string{"text"}}),
		`name the column "simple_id", which jots`: func(_ *admin.Site, m *samples) {
			m.Rows = &records.Keeper[sample]{DB: db, Hooks: records.Hooks[sample]{Children: []records.Children[sample]{
				records.List[sample, jot]{Name: "jots", Key: "simple_id", Rows: func(s *sample) *[]jot { return &s.Jots }},
			}}}
		},
		`sets "stage" to lost, which it cannot be`:   sets("stage", "lost"),
		`sets "rating" to 9, which it cannot be`:     sets("rating", 9),
		`sets "rating" to 4.7, which it cannot be`:   sets("rating", 4.7),
		`sets "price" to cheap, which it cannot be`:  sets("price", "cheap"),
		`sets "rating" to <nil>, which it cannot`:    sets("rating", nil),
		`wants "stage" to be "lost", which it never`: func(_ *admin.Site, m *samples) { m.Actions[0].Only = map[string]string{"stage": "lost"} },
		`Done how many rows there were: %d`:          func(_ *admin.Site, m *samples) { m.Actions[0].Done = "Finished." },
		`Form, whose answers RunAsked would get`:     func(_ *admin.Site, m *samples) { m.Actions[1].Run = run },
		`has the Key "ctrl+x"`:                       func(_ *admin.Site, m *samples) { m.Actions[0].Key = "ctrl+x" },
		`"marks" has Having, which takes Options`:    input("marks", admin.Input{Having: "SELECT id FROM samples WHERE id = ?"}),
		`"marks" has Permissions and is no list`:     input("marks", admin.Input{Permissions: true}),
		`"rating" is a Password and no text`:         input("rating", admin.Input{Password: true}),
		`Having of marks is no SQL that can be asked`: func(_ *admin.Site, m *samples) {
			marks := m.Inputs["marks"]
			marks.Having = "SELECT nope FROM samples WHERE id = ?"
			m.Inputs["marks"] = marks
		},
		`Needs is no SQL that can be asked`: func(_ *admin.Site, m *samples) {
			m.Needs = func(time.Time) (string, []any) { return "nope = 1", nil }
		},
		`link "Status" must have Label and URL`: func(_ *admin.Site, m *samples) { m.Links = []admin.Link{{Label: "Status"}} },
		`RowLinks has the URL "/admin/x/"`:      func(_ *admin.Site, m *samples) { m.RowLinks = []admin.Link{{Label: "Status", URL: "/admin/x/"}} },
		`page "/admin/samples/x/" must have`: func(_ *admin.Site, m *samples) {
			m.Links = []admin.Link{{Label: "Status", URL: "/admin/samples/x/", Of: "nope"}}
		},
		`page "/admin/samples/" is there twice`: func(s *admin.Site, _ *samples) {
			s.Pages = []admin.Page{{Label: "Status", URL: "/admin/samples/", Get: serve}}
		},
	} {
		m := declaredSamples(db)
		site := &admin.Site{DB: db, Imports: func(string) []admin.Page { return nil }}
		spoil(site, m)
		site.Register(m, declaredShops(db), &admin.Model[models.User]{Slug: "users", Name: "User", Plural: "Users", List: []string{"username"}, Search: []string{"username"}, Unindexed: true})
		if err := site.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a sentence with %q", err, want)
		}
	}
	type account struct {
		bun.BaseModel `bun:"table:accounts"`
		ID            int64  `bun:"id,pk"`
		Sum           string `bun:"sum,type:numeric(18,2)"`
	}
	type door struct {
		bun.BaseModel `bun:"table:doors"`
		ID            int64  `bun:"id,pk"`
		Code          string `bun:"code"`
	}
	doors := &admin.Site{DB: db}
	doors.Register(&admin.Model[door]{Slug: "doors", Name: "Door", Plural: "Doors", List: []string{"id"}, Inputs: map[string]admin.Input{"code": {Password: true}}})
	if err := doors.Check(); err == nil || !strings.Contains(err.Error(), `"code" is a Password: tag it json:"-"`) {
		t.Errorf("a password that the history would tell: %v", err)
	}
	books := &admin.Site{DB: db}
	books.Register(&admin.Model[account]{Slug: "accounts", Name: "Account", Plural: "Accounts", List: []string{"sum"}})
	if err := books.Check(); err == nil || strings.Contains(err.Error(), `"sum" has more than 15 digits, and SQLite rounds`) == models.IsPostgres(db) {
		t.Errorf("eighteen digits: %v", err)
	}
	m := declaredSamples(db)
	m.Actions[0].Set = admin.Values{"day": nil, "parts": nil, "owner_id": nil}
	site := &admin.Site{DB: db, Imports: func(string) []admin.Page { return nil }}
	site.Register(m, declaredShops(db), &admin.Model[models.User]{Slug: "users", Name: "User", Plural: "Users", List: []string{"username"}, Search: []string{"username"}, Unindexed: true})
	if err := site.Check(); err != nil {
		t.Errorf("what may be null is set to it: %v", err)
	}
	if _, err := db.NewRaw("ALTER TABLE jots RENAME COLUMN text TO words").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := site.Check(); err == nil || !strings.Contains(err.Error(), `the table jots has no column "text"`) {
		t.Errorf("a migration that lacks a column of an inline: %v", err)
	}
}
