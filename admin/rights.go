package admin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// may tells whether who asks may do verb with the model's rows.
func (r *resource) may(ctx context.Context, verb models.Verb) bool {
	return models.ActorOf(ctx).Rights.May(verb, r.rightsOf)
}

// need is problem.Forbidden where verb is not allowed.
func (r *resource) need(ctx context.Context, verb models.Verb) error {
	if r.may(ctx, verb) {
		return nil
	}
	return Forbidden()
}

// Forbidden refuses what somebody lacks the right to.
func Forbidden() error {
	return problem.New(problem.Forbidden, "forbidden", "You are not allowed to do this. A superuser can give you the right.")
}

// verbOr is the right that something takes, or the usual one where it names none.
func verbOr(verb, usual models.Verb) models.Verb {
	if verb == "" {
		return usual
	}
	return verb
}

// verb is the right that an action takes.
func (a *Action) verb() models.Verb { return verbOr(a.Needs, models.Change) }

// verbs are the rights that mean something for the model.
func (r *resource) verbs() []models.Verb {
	has := map[models.Verb]bool{models.View: true, models.Add: r.adds, models.Change: r.edits(), models.Delete: r.remove != nil, models.Purge: r.trash != nil}
	for i := range r.actions {
		has[r.actions[i].verb()] = true
	}
	for _, link := range slices.Concat(r.links, r.rowLinks) {
		has[link.verb()] = true
	}
	return slices.DeleteFunc(slices.Clone(models.Verbs), func(v models.Verb) bool { return !has[v] })
}

func (l Link) verb() models.Verb { return verbOr(l.Needs, models.View) }

// at tells whether path is the page or below it.
func (p Page) at(path string) bool {
	path = strings.TrimSuffix(path, "/") + "/"
	return path == p.URL || p.URL != "/admin/" && strings.HasPrefix(path, p.URL)
}

func (p Page) open(ctx context.Context) bool {
	return p.Slug == "" || models.ActorOf(ctx).Rights.May(verbOr(p.Needs, models.View), p.Slug)
}

// permissions are all that can be granted: what may be done with which model.
func (s *Site) permissions() []string {
	var all []string
	for _, g := range s.grantables() {
		for _, verb := range g.verbs {
			all = append(all, models.PermissionOf(g.slug, verb))
		}
	}
	return all
}

// grantable is what permissions are about: a model, or a coded page of its own right.
type grantable struct {
	slug, label string
	verbs       []models.Verb
}

func (s *Site) grantables() []grantable {
	var all []grantable
	for _, r := range s.resources {
		i := slices.IndexFunc(all, func(g grantable) bool { return g.slug == r.rightsOf })
		if i < 0 {
			i, all = len(all), append(all, grantable{r.rightsOf, s.resource(r.rightsOf).plural, nil})
		}
		all[i].verbs = append(all[i].verbs, r.verbs()...)
	}
	for _, p := range s.Pages {
		if p.Slug != "" && p.Label != "" && !slices.ContainsFunc(all, func(g grantable) bool { return g.slug == p.Slug }) {
			all = append(all, grantable{p.Slug, p.Label, []models.Verb{models.View}})
		}
	}
	return append(all, grantable{models.SharedViewsSlug, "Shared views", []models.Verb{models.Change}})
}

// grid is the table of permissions with those of granted ticked.
func (s *Site) grid(ctx context.Context, granted []string) *ui.Grid {
	g := &ui.Grid{}
	for _, verb := range models.Verbs {
		g.Columns = append(g.Columns, i18n.T(ctx, verbLabels[verb]))
	}
	for _, about := range s.grantables() {
		row := ui.GridRow{Label: i18n.T(ctx, about.label)}
		for i, verb := range models.Verbs {
			value := models.PermissionOf(about.slug, verb)
			row.Cells = append(row.Cells, ui.GridCell{
				Value: value, Label: row.Label + ": " + g.Columns[i],
				Offered: slices.Contains(about.verbs, verb), Checked: slices.Contains(granted, value),
			})
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

var verbLabels = map[models.Verb]string{models.View: "View", models.Add: "Add", models.Change: "Change", models.Delete: "Delete", models.Purge: "Delete for good"}

// Models are the choices of a column that names a model by its slug.
func (s *Site) Models(context.Context) ([]models.Choice, error) {
	choices := make([]models.Choice, len(s.resources))
	for i, r := range s.resources {
		choices[i] = models.Choice{Value: r.slug, Label: r.plural}
	}
	return append(choices, models.Choice{Value: models.SharedViewsSlug, Label: "Shared views"}), nil
}

// Menu lists the models and pages that who asks may see, in their groups and in the
// reader's language. path is the current one. Models with an alarming choice show how
// many rows have it.
func (s *Site) Menu(ctx context.Context, path string) ([]layout.MenuGroup, error) {
	alarms, err := s.alarms(ctx)
	if err != nil {
		return nil, err
	}
	var groups []layout.MenuGroup
	add := func(group string, item layout.MenuItem) {
		i := slices.IndexFunc(groups, func(g layout.MenuGroup) bool { return g.Title == group })
		if i < 0 {
			i, groups = len(groups), append(groups, layout.MenuGroup{Title: group})
		}
		groups[i].Items = append(groups[i].Items, item)
	}
	addPages := func(grouped bool) {
		for _, p := range s.Pages {
			if p.Label != "" && grouped == (p.Group != "") && p.open(ctx) {
				add(p.Group, layout.MenuItem{Label: i18n.T(ctx, p.Label), URL: p.URL, Icon: p.Icon, Active: p.at(path)})
			}
		}
	}
	addPages(false)
	for _, r := range s.visible(ctx) {
		add(r.group, layout.MenuItem{
			Label: i18n.T(ctx, r.plural), URL: r.url(), Icon: r.icon,
			Active: strings.HasPrefix(path, r.url()), Count: alarms[r], Alarm: alarms[r] > 0 && r.needs == nil,
		})
	}
	addPages(true)
	for i, g := range groups {
		if g.Title != "" {
			groups[i].Title = i18n.T(ctx, g.Title)
		}
	}
	return groups, nil
}

// visible are the models that who asks may see.
func (s *Site) visible(ctx context.Context) []*resource {
	return slices.DeleteFunc(slices.Clone(s.resources), func(r *resource) bool { return !r.may(ctx, models.View) })
}

// checkRights refuses a right that nobody could ever have.
func (s *Site) checkRights() error {
	for _, r := range s.resources {
		if s.resource(r.rightsOf) == nil {
			return fmt.Errorf("admin: model %q: RightsOf names %q, which is no model", r.slug, r.rightsOf)
		}
		needed := map[string]models.Verb{}
		for i := range r.actions {
			needed["action "+r.actions[i].Name] = r.actions[i].verb()
		}
		for _, link := range slices.Concat(r.links, r.rowLinks) {
			needed["link "+link.URL] = link.verb()
		}
		for _, what := range slices.Sorted(maps.Keys(needed)) {
			if !slices.Contains(r.verbs(), needed[what]) {
				return fmt.Errorf("admin: model %q: %s needs the right %q; there are %q", r.slug, what, needed[what], r.verbs())
			}
		}
	}
	return nil
}

// checkPages refuses pages that nobody could come to.
func (s *Site) checkPages() error {
	all, known, slugs := slices.Clone(s.Pages), map[string]bool{}, map[string]bool{"": true, models.SharedViewsSlug: true}
	for _, page := range s.Pages {
		slugs[page.Slug] = true
	}
	for _, r := range s.resources {
		all, slugs[r.slug] = append(all, (handler{s, r}).pages()...), true
	}
	for _, page := range all {
		if !strings.HasPrefix(page.URL, "/admin/") || !slices.Contains(append(models.Verbs, ""), page.Needs) || !slugs[page.Slug] {
			return fmt.Errorf("admin: page %q must have a URL below /admin/, a right of %q and the slug of a model or a page", page.URL, models.Verbs)
		}
		for method, is := range map[string]bool{fiber.MethodGet: page.Get != nil, fiber.MethodPost: page.Post != nil} {
			if is && known[method+page.URL] {
				return fmt.Errorf("admin: page %q is there twice", page.URL)
			}
			known[method+page.URL] = is || known[method+page.URL]
		}
	}
	return nil
}
