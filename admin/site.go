// Package admin is the back-office engine, after Django's ModelAdmin: a model is
// declared, never coded. A declaration (Model) names columns and hooks; Site.Check
// holds it against bun's table before anything is served; the list, its filters,
// search and pages, the page of a row, actions and deletion follow from it.
//
// Queries and forms come in as valid UTF-8 without NUL; whoever mounts the routes sees
// to that.
//
// Everything that a list shows is in its URL, and no page costs more on a table of
// a million rows than on one of a thousand: counts stop at listing.CountCap, paging goes
// from row to row by cursor, and choices are counted on at most listing.CountCap rows.
package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

// Site is the back office: the declared models, and the pages that are coded.
type Site struct {
	DB  *bun.DB
	Now func() time.Time
	// Frame gives what surrounds a page: user, CSRF token, theme, flashes, menu.
	Frame func(c *fiber.Ctx, title string, crumbs ...layout.Crumb) (layout.Frame, error)
	// Flash keeps a sentence, already translated, for the next page.
	Flash func(c *fiber.Ctx, tone models.Tone, text string) error
	// FlashUndo is Flash with a button that posts to url, which takes back what was done.
	FlashUndo func(c *fiber.Ctx, text, url string) error
	TrashLife time.Duration // how long deleted rows can be restored
	// Enqueue leaves work on many rows to a job, or finds the same under way, and returns
	// the URL of the page that shows how far it is. pieces begin the job's file.
	Enqueue func(ctx context.Context, job *models.Job, pieces ...[]byte) (url string, err error)
	Pages   []Page
	// Imports are the pages that take files into the model of a slug, their URLs below
	// that of its import.
	Imports func(slug string) []Page
	// Translated tells whether an English text has its translation; nil: none need one.
	Translated func(english string) bool

	declared  []declaration
	resources []*resource
	routes    []Route
}

// Page is a coded page, or what is posted to one. In the menu those without a group come
// first, others after the models of their group; without a label it is not in the menu.
// Slug is that of the model, or a word of the page's own, which one must have the right
// Needs for; a page without one is for all staff.
type Page struct {
	Group, Label, URL, Icon, Slug string
	Needs                         models.Verb   // empty: view
	Get, Post                     fiber.Handler // nil: there is no such route
}

// Route is what the site serves, and the right that it takes. Without a Slug it is for all
// staff.
type Route struct {
	Method, Path, Slug string
	Needs              models.Verb
}

// Register declares models, in menu order. It comes before Check.
func (s *Site) Register(all ...declaration) { s.declared = append(s.declared, all...) }

// Check holds every declaration against its table. It comes before Routes and
// Menu; its error is a sentence that names the model and the column.
func (s *Site) Check() error {
	slugs := map[string]bool{}
	s.resources = nil
	for _, d := range s.declared {
		r, err := d.resolve(s.DB)
		if err != nil {
			return err
		}
		if slugs[r.slug] {
			return fmt.Errorf("admin: model %q is declared twice", r.slug)
		}
		slugs[r.slug], r.site = true, s
		s.resources = append(s.resources, r)
	}
	for _, check := range []func() error{s.checkRefs, s.checkRights, s.checkPages, s.checkWords} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Routes adds all pages to router, which serves /admin: those of the models, and those
// that are coded. Every one asks for the right that it takes, but autocomplete and the
// search through all models, which have nothing to offer without.
func (s *Site) Routes(router fiber.Router) {
	s.routes = nil
	s.Mount(router, s.Pages...)
	s.Mount(router, Page{URL: "/admin/search/", Get: s.searchAll})
	for _, r := range s.resources {
		for _, page := range (handler{s, r}).pages() {
			s.Mount(router, page)
		}
	}
}

// Mount adds coded pages to router, which serves /admin.
func (s *Site) Mount(router fiber.Router, pages ...Page) {
	for _, page := range pages {
		if page.Get != nil {
			router.Get(s.declare(fiber.MethodGet, page), page.guard(page.Get))
		}
		if page.Post != nil {
			router.Post(s.declare(fiber.MethodPost, page), page.guard(page.Post))
		}
	}
}

// declare notes a route with its right, and returns its path below /admin.
func (s *Site) declare(method string, page Page) string {
	s.routes = append(s.routes, Route{method, page.URL, page.Slug, verbOr(page.Needs, models.View)})
	return strings.TrimPrefix(page.URL, "/admin")
}

// guard serves the page to those who have its right.
func (p Page) guard(serve fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if !p.open(c.UserContext()) {
			return Forbidden()
		}
		return serve(c)
	}
}

// Declared lists what Routes and Mount added.
func (s *Site) Declared() []Route { return s.routes }

// pages are the model's own, those with an id behind those that a word tells from one.
func (h handler) pages() []Page {
	all := []Page{
		{URL: h.url(), Get: h.list, Post: h.act}, {URL: h.url("badges"), Get: h.badges},
		{URL: h.url("views"), Post: h.saveView}, {URL: h.url("views", ":view"), Post: h.changeView},
		{URL: h.url("export"), Get: h.export, Post: h.postExport}, {URL: h.url("export", "columns"), Get: h.exportPage},
	}
	if h.Dates != nil {
		all = append(all, Page{URL: h.url("news"), Get: h.news})
	}
	if h.adds {
		all = append(all, Page{URL: h.url("add"), Needs: models.Add, Get: h.addPage, Post: h.add})
	}
	if h.trash != nil {
		all = append(all, Page{URL: h.url("trash"), Needs: models.Delete, Get: h.trashPage, Post: h.actOnTrash})
	}
	if h.imports != nil {
		for _, page := range h.site.Imports(h.slug) {
			page.URL, page.Needs = h.url("import")+page.URL, models.Add
			all = append(all, page)
		}
	}
	all = append(all, Page{URL: h.url("acts", ":act"), Get: h.actPage})
	if h.revert != nil { // which asks for the rights that it takes
		all = append(all, Page{URL: h.url("acts", ":act", "undo"), Post: h.undoAct})
	}
	for _, link := range h.links {
		all = append(all, Page{URL: link.URL, Slug: link.Of, Needs: link.Needs, Get: link.Get, Post: link.Post})
	}
	all = append(all, Page{URL: h.url(":id"), Get: h.rowPage, Post: h.postRow}, Page{URL: h.url(":id", "history"), Get: h.history})
	if h.remove != nil {
		all = append(all, Page{URL: h.url(":id", "delete"), Needs: models.Delete, Get: h.confirmDelete, Post: h.deleteOne})
	}
	for _, link := range h.rowLinks {
		all = append(all, Page{URL: h.url(":id") + link.URL, Slug: link.Of, Needs: link.Needs, Get: link.Get, Post: link.Post})
	}
	for i := range all {
		all[i].Slug = cmp.Or(all[i].Slug, h.rightsOf)
	}
	if len(h.Texts) > 0 {
		all = slices.Insert(all, 0, Page{URL: h.url("autocomplete"), Get: h.autocomplete})
	}
	return all
}

// actionsOf are the actions that who asks may take on what fits accepts, as buttons.
func (r *resource) actionsOf(ctx context.Context, fits func(*Action) bool) []adminpages.Action {
	var all []adminpages.Action
	for i := range r.actions {
		if a := &r.actions[i]; r.may(ctx, a.verb()) && fits(a) {
			label := i18n.T(ctx, a.Label)
			if len(a.Form) > 0 {
				label += "…"
			}
			all = append(all, adminpages.Action{Name: a.Name, Label: label, Primary: a.Primary, Danger: a.Danger, Key: a.Key})
		}
	}
	return all
}

// actionsOn are the buttons on the page of a row.
func (r *resource) actionsOn(ctx context.Context, row any) []adminpages.Action {
	all := r.actionsOf(ctx, func(a *Action) bool { return r.has(row, a.Only) })
	for i := range all {
		if a, err := r.findAction(all[i].Name); err == nil && !r.has(row, a.Stands) {
			all[i].Primary = false
		}
	}
	return all
}

// MayView tells whether who asks may see the rows of a model.
func (s *Site) MayView(ctx context.Context, slug string) bool {
	r := s.resource(slug)
	return r != nil && r.may(ctx, models.View)
}

// has tells whether a row has values, by column.
func (r *resource) has(row any, values map[string]string) bool {
	for name, value := range values {
		if r.columns[name].Text(row) != value {
			return false
		}
	}
	return true
}

// linksOf are the links that who asks may follow, below base: those of a row or of the list.
func linksOf(ctx context.Context, r *resource, links []Link, base string, row any) []adminpages.Link {
	var shown []adminpages.Link
	for _, link := range links {
		if models.ActorOf(ctx).Rights.May(link.verb(), cmp.Or(link.Of, r.rightsOf)) && (link.Leads == nil || link.Leads(ctx, row)) {
			shown = append(shown, adminpages.Link{Label: i18n.T(ctx, link.Label), URL: base + link.URL, Alarm: link.Danger})
		}
	}
	return shown
}
