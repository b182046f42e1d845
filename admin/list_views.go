package admin

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// plainView is the parameter "view" of the list as it is declared, where it opens with a
// view.
const plainView = "all"

// mayShare tells whether who asks may change everybody's views.
func mayShare(ctx context.Context) bool {
	return models.ActorOf(ctx).Rights.May(models.Change, models.SharedViewsSlug)
}

func (h handler) views(ctx context.Context) (models.SavedViews, error) {
	return models.ViewsOf(ctx, h.site.DB, h.slug, models.ActorOf(ctx).UserID())
}

// openView is the list of a view as it can be shown now. Its days are the reader's.
func (h handler) openView(ctx context.Context, v *models.SavedView) *request {
	params, err := url.ParseQuery(v.Query)
	if err != nil {
		params = url.Values{} // nothing that we wrote
	}
	params.Set("view", strconv.FormatInt(v.ID, 10))
	return h.read(ctx, h.site.Now(), params)
}

// viewQuery is what a view keeps of the list: all but the page and whose days are meant.
func (q *request) viewQuery() string {
	params := url.Values{}
	for name, values := range q.carry {
		if name != "view" && name != zoneParam {
			params[name] = values
		}
	}
	return params.Encode()
}

// gone names what a view asked for and the list does not have any more.
func (q *request) gone(ctx context.Context, v *models.SavedView) []string {
	stored, err := url.ParseQuery(v.Query)
	if err != nil {
		return nil
	}
	var gone []string
	for name, values := range stored {
		kept := strings.Split(q.carry.Get(name), ",")
		for word := range strings.SplitSeq(values[0], ",") {
			if slices.Contains(kept, word) {
				continue
			}
			column, _, _ := strings.Cut(name, "__")
			if name == "cols" || name == "o" {
				column = strings.TrimPrefix(word, "-")
			}
			gone = append(gone, q.labelOf(ctx, column))
		}
	}
	slices.Sort(gone)
	return slices.Compact(gone)
}

// tabs are the views over a list, each with how many rows it has, and what can be done
// with the one that is open.
func (h handler) tabs(ctx context.Context, q *request, views models.SavedViews) (*adminpages.Views, error) {
	v := &adminpages.Views{URL: h.url("views"), MayShare: mayShare(ctx)}
	for name, values := range q.carry {
		if name != "view" {
			v.Params = append(v.Params, adminpages.Param{Name: name, Value: values[0]})
		}
	}
	slices.SortFunc(v.Params, func(a, b adminpages.Param) int { return cmp.Compare(a.Name, b.Name) })
	if len(views.All) == 0 {
		return v, nil
	}
	plain := h.read(ctx, h.site.Now(), nil)
	lists := []*request{plain}
	v.Tabs = []adminpages.Link{{Label: i18n.T(ctx, "All"), URL: q.plainURL()}}
	for i := range views.All {
		view := &views.All[i]
		list := h.openView(ctx, view)
		lists = append(lists, list)
		v.Tabs = append(v.Tabs, adminpages.Link{Label: view.Name, URL: list.link(), Selected: view.ID == q.view})
		if view.ID == q.view {
			gone := list.gone(ctx, view)
			v.Current = &adminpages.View{
				Name: view.Name, URL: h.url("views", strconv.FormatInt(view.ID, 10)), Shared: view.OwnerID == 0, Mine: view.OwnerID != 0,
				First: views.Default == view.ID, FirstForAll: view.IsDefault, Changed: len(gone) > 0 || q.viewQuery() != list.viewQuery(), Gone: strings.Join(gone, ", "),
			}
		}
	}
	if v.Current == nil {
		v.Tabs[0].Selected = true
		v.Current = &adminpages.View{URL: h.url("views", "0"), First: views.Default == 0}
	}
	return v, h.countTabs(ctx, v, lists)
}

// countTabs counts the rows of every tab in one query, but those of searches in a long
// table: each page of the list would take as long as they do.
func (h handler) countTabs(ctx context.Context, v *adminpages.Views, lists []*request) error {
	var states []*listing.State
	var sources []listing.Source
	var counted []*adminpages.Link
	for i, list := range lists {
		src, short, err := list.FindShort(ctx, h.site.DB)
		if err = cmp.Or(list.err, err); err != nil {
			return err
		}
		if short {
			states, sources, counted = append(states, &list.State), append(sources, src), append(counted, &v.Tabs[i])
		}
	}
	totals, err := listing.Totals(ctx, h.site.DB, states, sources)
	if err != nil {
		return err
	}
	for i := range counted {
		counted[i].Count = &totals[i]
	}
	return nil
}

// saveView keeps the list that a form carries under a name.
func (h handler) saveView(c *fiber.Ctx) error {
	ctx, form := c.UserContext(), posted(c)
	q, owner := h.read(ctx, h.site.Now(), form), models.ActorOf(ctx).UserID()
	views, err := h.views(ctx)
	if err != nil {
		return err
	}
	if form.Get("shared") == "1" {
		owner = 0
	}
	if owner == 0 && !mayShare(ctx) {
		return Forbidden()
	}
	now := h.site.Now()
	view := &models.SavedView{Model: h.slug, Name: strings.TrimSpace(form.Get("name")), Query: q.viewQuery(), OwnerID: owner, CreatedAt: now, UpdatedAt: now}
	if err := h.storeView(ctx, views, nil, view); err != nil {
		return h.refuseView(c, q.link(), err)
	}
	return h.back(c, h.openView(ctx, view).link(), models.TonePositive, i18n.T(ctx, "The view %s is saved.", view.Name))
}

func (h handler) storeView(ctx context.Context, views models.SavedViews, before, view *models.SavedView) error {
	return models.InTx(ctx, h.site.DB, func(ctx context.Context, tx bun.Tx) error {
		if err := views.Store(ctx, tx, view); err != nil {
			return err
		}
		return h.recordView(ctx, tx, before, view)
	})
}

// openForAll lets the list open with one of everybody's views, or with it no more.
func (h handler) openForAll(ctx context.Context, before, view *models.SavedView) error {
	first := int64(0)
	if view.IsDefault {
		first = view.ID
	}
	return models.InTx(ctx, h.site.DB, func(ctx context.Context, tx bun.Tx) error {
		if err := models.OpenForAll(ctx, tx, h.slug, first); err != nil {
			return err
		}
		return h.recordView(ctx, tx, before, view)
	})
}

// recordView tells the history what somebody did to everybody's views; nil is a view that
// is not there.
func (h handler) recordView(ctx context.Context, tx bun.Tx, before, after *models.SavedView) error {
	view, was, is, action := after, models.SavedView{}, models.SavedView{}, models.HistoryChanged
	switch {
	case before == nil:
		is, action = *after, models.HistoryAdded
	case after == nil:
		view, was, action = before, *before, models.HistoryDeleted
	default:
		was, is = *before, *after
	}
	var changes []models.FieldChange
	for _, field := range []struct{ name, from, to string }{
		{"name", was.Name, is.Name}, {"list_state", was.Query, is.Query}, {"default_for_everybody", strconv.FormatBool(was.IsDefault), strconv.FormatBool(is.IsDefault)},
	} {
		if field.from != field.to {
			changes = append(changes, models.FieldChange{Field: field.name, From: field.from, To: field.to})
		}
	}
	if view.OwnerID != 0 || len(changes) == 0 {
		return nil
	}
	return models.Record(ctx, tx, models.HistoryEntry{
		At: h.site.Now(), Model: models.SharedViewsSlug, ObjectID: view.ID, ObjectLabel: h.plural + ": " + view.Name, Action: action, Changes: changes,
	})
}

// refuseView goes back to the list with what is wrong in words.
func (h handler) refuseView(c *fiber.Ctx, back string, err error) error {
	p, ok := problem.As(err)
	if !ok {
		return err
	}
	var words []string
	for _, said := range AllWords(c.UserContext(), p) {
		words = append(words, said...)
	}
	return h.back(c, back, models.ToneWarning, strings.Join(words, " "))
}

// changeView does what a form asks to do with a view, or with the list as it is declared.
func (h handler) changeView(c *fiber.Ctx) error {
	ctx, form := c.UserContext(), posted(c)
	views, err := h.views(ctx)
	if err != nil {
		return err
	}
	act := form.Get("act")
	if c.Params("view") == "0" && act == "first" {
		return h.openFirst(c, 0, join(h.url(), url.Values{"view": {plainView}}))
	}
	id, _ := strconv.ParseInt(c.Params("view"), 10, 64)
	view, ok := views.Find(id)
	if !ok {
		return problem.ErrNotFound()
	}
	here := h.openView(ctx, view).link()
	if act == "first" {
		return h.openFirst(c, view.ID, here)
	}
	if view.OwnerID == 0 && !mayShare(ctx) {
		return Forbidden()
	}
	before := *view
	switch act {
	case "first-for-all":
		view.IsDefault = !view.IsDefault
		if err := h.openForAll(ctx, &before, view); err != nil {
			return err
		}
		return h.back(c, here, models.TonePositive, i18n.T(ctx, "Saved."))
	case "update":
		view.Query = h.read(ctx, h.site.Now(), form).viewQuery()
	case "rename":
		view.Name = strings.TrimSpace(form.Get("name"))
	case "delete":
		return h.deleteView(c, view, here)
	default:
		return problem.New(problem.Invalid, "invalid", "This action does not exist.")
	}
	view.UpdatedAt = h.site.Now()
	if err := h.storeView(ctx, views, &before, view); err != nil {
		return h.refuseView(c, here, err)
	}
	return h.back(c, h.openView(ctx, view).link(), models.TonePositive, i18n.T(ctx, "The view %s is saved.", view.Name))
}

// openFirst lets the list open with a view, or without one, for who asks.
func (h handler) openFirst(c *fiber.Ctx, id int64, back string) error {
	ctx := c.UserContext()
	user := models.ActorOf(ctx).UserID()
	if err := models.OpenWith(ctx, h.site.DB, h.slug, user, id); err != nil {
		return err
	}
	return h.back(c, back, models.TonePositive, i18n.T(ctx, "Saved."))
}

// deleteView asks first.
func (h handler) deleteView(c *fiber.Ctx, view *models.SavedView, here string) error {
	ctx := c.UserContext()
	if posted(c).Get("confirm") != "yes" {
		confirm := adminpages.Confirm{
			Title: i18n.T(ctx, "Delete the view %s?", view.Name), URL: h.url("views", strconv.FormatInt(view.ID, 10)), CancelURL: here,
			Params:   []adminpages.Param{{Name: "act", Value: "delete"}, {Name: "confirm", Value: "yes"}},
			Question: i18n.T(ctx, "Only the view goes; no row does."), Submit: i18n.T(ctx, "Delete"),
		}
		if view.OwnerID == 0 {
			confirm.Question = i18n.T(ctx, "Only the view goes, for everybody; no row does.")
		}
		return h.ask(c, confirm, nil)
	}
	err := models.InTx(ctx, h.site.DB, func(ctx context.Context, tx bun.Tx) error {
		return errors.Join(models.DeleteView(ctx, tx, view.ID), h.recordView(ctx, tx, view, nil))
	})
	if err != nil {
		return err
	}
	return h.back(c, join(h.url(), url.Values{"view": {plainView}}), models.TonePositive, i18n.T(ctx, "The view %s is deleted.", view.Name))
}
