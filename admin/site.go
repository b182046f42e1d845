package admin

import (
	"context"
	"fmt"
	"slices"
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
	Pages []Page

	declared  []declaration
	resources []*resource
}

// Page is a coded page in the menu. Those without a group come first, others after
// the models of their group. Slug is the model that one must be allowed to view for
// it; a page without one is for all staff.
type Page struct{ Group, Label, URL, Icon, Slug string }

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
		slugs[r.slug] = true
		s.resources = append(s.resources, r)
	}
	return s.checkRefs()
}

// Routes adds the pages of all models to router, which serves /admin. Every one asks
// for the right that it takes, but autocomplete and the search through all models,
// which have nothing to offer without.
func (s *Site) Routes(router fiber.Router) {
	router.Get("/search/", s.searchAll)
	for _, r := range s.resources {
		h := handler{s, r}
		model := router.Group("/" + r.slug)
		model.Get("/", h.needing(models.View, h.list))
		model.Post("/", h.needing(models.View, h.act))
		model.Get("/badges/", h.needing(models.View, h.badges))
		model.Get("/export/", h.needing(models.View, h.export))
		if r.key != nil {
			model.Get("/autocomplete/", h.autocomplete)
		}
		if r.adds {
			model.Get("/add/", h.needing(models.Add, h.addPage))
			model.Post("/add/", h.needing(models.Add, h.add))
		}
		model.Get("/:id/", h.needing(models.View, h.rowPage))
		model.Post("/:id/", h.needing(models.View, h.postRow))
		model.Get("/:id/history/", h.needing(models.View, h.history))
		if r.remove != nil {
			model.Get("/:id/delete/", h.needing(models.Delete, h.confirmDelete))
			model.Post("/:id/delete/", h.needing(models.Delete, h.deleteOne))
		}
	}
}

// actionsOf are the actions that who asks may take on what fits accepts, as buttons.
func (r *resource) actionsOf(ctx context.Context, fits func(*Action) bool) []adminpages.Action {
	var all []adminpages.Action
	for i := range r.actions {
		if a := &r.actions[i]; r.may(ctx, a.verb()) && fits(a) {
			all = append(all, adminpages.Action{Name: a.Name, Label: i18n.T(ctx, a.Label), Primary: a.Primary, Danger: a.Danger})
		}
	}
	return all
}

// bulkActions are the buttons over a list: no action is offered that is for none of
// the rows which the filters leave.
func (q *request) bulkActions(ctx context.Context) []adminpages.Action {
	all := q.actionsOf(ctx, func(a *Action) bool {
		return !slices.ContainsFunc(q.picks, func(p picked) bool {
			value, only := a.Only[p.column.name]
			return only && p.excludes(value)
		})
	})
	if q.remove != nil && q.may(ctx, models.Delete) {
		all = append(all, adminpages.Action{Name: deleteAction, Label: i18n.T(ctx, "Delete…"), Danger: true})
	}
	return all
}

// isFor tells whether a row has the values that an action is for.
func (r *resource) isFor(a *Action, row any) bool {
	for name, value := range a.Only {
		if r.columns[name].text(row) != value {
			return false
		}
	}
	return true
}

// linksOf are the links that who asks may follow, below base.
func linksOf(ctx context.Context, r *resource, links []Link, base string) []adminpages.Link {
	var shown []adminpages.Link
	for _, link := range links {
		if r.may(ctx, link.verb()) {
			shown = append(shown, adminpages.Link{Label: i18n.T(ctx, link.Label), URL: base + link.URL})
		}
	}
	return shown
}
