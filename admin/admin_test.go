package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/layout"
)

func now() time.Time { return noon }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// testSite is a back office of contact messages on a database of its own.
type testSite struct {
	t       testing.TB
	db      *bun.DB
	site    *admin.Site
	app     *fiber.App
	flashes []string
	ran     []int64       // ids that the action "resend" got
	jobs    []*models.Job // that were started, and are done
	rights  models.Rights
	user    *models.User
}

func declared(d *testSite) *admin.Model[models.ContactMessage] {
	return &admin.Model[models.ContactMessage]{
		Slug: "contact-messages", Name: "Contact message", Plural: "Contact messages", Group: "Inbox", Icon: "inbox",
		List:    []string{"name", "email", "message", "status", "created_at", "sent_at"},
		Filters: []string{"status", "created_at", "sent_at", "is_spam"},
		Default: map[string]string{"is_spam": "0"},
		Search:  []string{"name", "email", "message"},
		Dates:   "created_at",
		Fieldsets: []admin.Fieldset{
			{Title: "Contact information", Fields: []string{"name", "email", "message"}},
			{Title: "Status", Fields: []string{"status", "error_message"}},
			{Title: "Timestamps", Fields: []string{"created_at", "updated_at", "sent_at"}, Collapsed: true},
		},
		Labels:  map[string]string{"created_at": "Received", "sent_at": "Sent"},
		Excerpt: "message", MailTo: "email", Hint: "Messages from the form appear here.",
		Side: func(_ context.Context, m *models.ContactMessage) ([]adminpages.Timeline, error) {
			return []adminpages.Timeline{{Title: "Delivery", Events: []adminpages.Event{{Title: "Received", At: m.CreatedAt, Text: m.IPAddress, Code: m.ErrorMessage}}}}, nil
		},
		Actions: []admin.Action{{
			Name: "resend", Label: "Send again", Primary: true, Done: "%d sent again.",
			Run: func(_ context.Context, ids []int64) (int, error) {
				d.ran = append(d.ran, ids...)
				return len(ids), nil
			},
		}, {
			Name: "spam", Label: "Mark as spam", Only: map[string]string{"is_spam": "false"}, Done: "%d marked as spam.",
			Run: func(ctx context.Context, ids []int64) (int, error) {
				_, err := d.db.NewUpdate().Model((*models.ContactMessage)(nil)).Set("is_spam = ?", true).Where("id IN (?)", bun.List(ids)).Exec(ctx)
				return len(ids), err
			},
		}},
		Delete: func(ctx context.Context, ids []int64) (int, error) {
			_, err := d.db.NewDelete().Model((*models.ContactMessage)(nil)).Where("id IN (?)", bun.List(ids)).Exec(ctx)
			return len(ids), err
		},
		Related: func(context.Context, []int64) ([]string, error) { return []string{"3 mails about them"}, nil },
	}
}

func newSite(t testing.TB, rows ...models.ContactMessage) *testSite {
	return deskOn(t, modelstest.New(t), rows...)
}

func deskOn(t testing.TB, db *bun.DB, rows ...models.ContactMessage) *testSite {
	t.Helper()
	d := &testSite{t: t, db: db, rights: models.Rights{All: true}, user: &models.User{Username: "ada"}}
	d.add(rows...)
	d.site = &admin.Site{
		DB: db, Now: func() time.Time { return noon },
		Frame: func(c *fiber.Ctx, title string, crumbs ...layout.Crumb) (layout.Frame, error) {
			menu, err := d.site.Menu(c.UserContext(), c.Path())
			return layout.Frame{Title: title, Crumbs: crumbs, Menu: menu, CSRF: "token"}, err
		},
		Flash: func(_ *fiber.Ctx, _ models.Tone, text string) error {
			d.flashes = append(d.flashes, text)
			return nil
		},
		Enqueue: d.do500AtATime,
		Pages:   []admin.Page{{Label: "Dashboard", URL: "/admin/"}, {Group: "System", Label: "Mail queue", URL: "/admin/queue/"}},
	}
	d.site.Register(declared(d))
	if err := d.site.Check(); err != nil {
		t.Fatal(err)
	}
	d.app = fiber.New(fiber.Config{Immutable: true, ErrorHandler: func(c *fiber.Ctx, err error) error {
		if p, ok := problem.As(err); ok {
			return c.Status(map[problem.Kind]int{problem.NotFound: 404, problem.Invalid: 400, problem.Forbidden: 403}[p.Kind]).SendString(p.Error())
		}
		return c.Status(500).SendString(err.Error())
	}})
	d.site.Routes(d.app.Group("/admin", d.signIn))
	return d
}

// do500AtATime is what becomes of a job, at once.
func (d *testSite) do500AtATime(ctx context.Context, job *models.Job, _ ...[]byte) (string, error) {
	d.jobs = append(d.jobs, job)
	for job.CreatedAt = noon; ; {
		ids, err := d.site.NextRows(ctx, job, 500)
		if err != nil || len(ids) == 0 {
			return "/admin/jobs/1/", err
		}
		done, err := d.site.RunAction(ctx, job, ids)
		if err != nil {
			return "", err
		}
		job.Done, job.Cursor = job.Done+done, ids[len(ids)-1]
	}
}

// signIn makes every request the site's actor's.
func (d *testSite) signIn(c *fiber.Ctx) error {
	c.SetUserContext(models.WithActor(c.UserContext(), models.Actor{User: d.user, Rights: d.rights, Channel: models.ChannelBackoffice}))
	return c.Next()
}

// add stores messages; what a test does not care about is filled in.
func (d *testSite) add(rows ...models.ContactMessage) {
	d.t.Helper()
	for i := range rows {
		row := &rows[i]
		if row.Name == "" {
			row.Name = fmt.Sprintf("Person %d", i+1)
		}
		if row.Email == "" {
			row.Email = "p@example.com"
		}
		if row.Status == "" {
			row.Status = models.ContactSent
		}
		if row.CreatedAt.IsZero() {
			row.CreatedAt = noon
		}
		row.UpdatedAt = row.CreatedAt
	}
	if len(rows) == 0 {
		return
	}
	if _, err := d.db.NewInsert().Model(&rows).Exec(context.Background()); err != nil {
		d.t.Fatal(err)
	}
}

// page is an answer, to be queried by meaning.
type page struct {
	*goquery.Document
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (d *testSite) do(r *http.Request) *page {
	d.t.Helper()
	res, err := d.app.Test(r, -1)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return &page{doc, d.t, res.StatusCode, res.Header, doc.Text()}
}

func (d *testSite) get(path string) *page {
	d.t.Helper()
	p := d.do(httptest.NewRequest(http.MethodGet, path, nil))
	if p.status != http.StatusOK {
		d.t.Fatalf("GET %s: %d %s", path, p.status, p.body)
	}
	return p
}

// list gets the list with a query such as "status=failed".
func (d *testSite) list(query string) *page {
	d.t.Helper()
	return d.get("/admin/contact-messages/?" + query)
}

func (d *testSite) post(path string, form url.Values) *page {
	d.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.do(r)
}

func (d *testSite) count() int {
	d.t.Helper()
	n, err := d.db.NewSelect().Model((*models.ContactMessage)(nil)).Count(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	return int(n)
}

// names are the first cells of the rows.
func (p *page) names() []string {
	return p.Find("tbody tr a").Map(func(_ int, s *goquery.Selection) string { return strings.TrimSpace(s.Text()) })
}

func (p *page) ids() []string {
	return p.Find("tbody tr").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("data-id", "") })
}

// total is the number beside the title, which may have words for the ear after it.
func (p *page) total() string {
	number, _, _ := strings.Cut(strings.TrimSpace(p.Find("#list-total").Text()), " ")
	return number
}

// link finds a link by its words; words are compared without counts.
func (p *page) link(words string) string {
	p.t.Helper()
	var found string
	p.Find("a").Each(func(_ int, s *goquery.Selection) {
		if strings.Join(strings.Fields(s.Text()), " ") == words {
			found = s.AttrOr("href", "")
		}
	})
	if found == "" {
		p.t.Fatalf("no link %q", words)
	}
	return found
}

// has tells whether there is such a link.
func (p *page) has(words string) bool {
	return p.Find("a").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.Join(strings.Fields(s.Text()), " ") == words
	}).Length() > 0
}
