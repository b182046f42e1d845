package admin

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

// handler serves one model's URLs.
type handler struct {
	site *Site
	*resource
}

func (h handler) list(c *fiber.Ctx) error {
	ctx, params := c.UserContext(), query(c)
	if params.Has(listing.ColumnBox) {
		params.Set("cols", h.ColumnsParam(params))
		return c.Redirect(h.read(ctx, h.site.Now(), params).link(), fiber.StatusSeeOther)
	}
	views, err := h.views(ctx)
	if err != nil {
		return err
	}
	first, opens := views.Find(views.Default)
	if opens && len(params) == 0 {
		return c.Redirect(h.openView(ctx, first).link(), fiber.StatusSeeOther)
	}
	q := h.readDrawn(ctx, h.site.Now(), params)
	q.opens = opens
	l, err := h.site.list(ctx, q)
	if err != nil {
		return err
	}
	if l.Views, err = h.tabs(ctx, q, views); err != nil {
		return err
	}
	if l.BadgesURL != "" && len(l.Views.Tabs) > 0 {
		l.BadgesURL += "&views=1"
	}
	// The fragment needs the frame too: its form carries the CSRF token.
	if l.Frame, err = h.frame(c, l.Title); err != nil {
		return err
	}
	return render(c, "list", adminpages.ListPage(l), adminpages.ListFragment(l))
}

func (h handler) back(c *fiber.Ctx, url string, tone models.Tone, sentence string) error {
	if err := h.site.Flash(c, tone, sentence); err != nil {
		return err
	}
	return c.Redirect(url, fiber.StatusSeeOther)
}

// seen is a page of the model, or the first one of the back office for who may not view it.
func (h handler) seen(ctx context.Context, url string) string {
	if h.may(ctx, models.View) {
		return url
	}
	return "/admin/"
}

// frame puts the page below its model in the breadcrumb, and the list itself below
// its group.
func (h handler) frame(c *fiber.Ctx, title string, above ...layout.Crumb) (layout.Frame, error) {
	plural := i18n.T(c.UserContext(), h.plural)
	crumbs := []layout.Crumb{{Label: plural, URL: h.listURL(originOf(c))}}
	if title == plural || !h.may(c.UserContext(), models.View) {
		crumbs = []layout.Crumb{{Label: i18n.T(c.UserContext(), h.group)}}
	}
	crumbs = append(crumbs, above...)
	return h.site.Frame(c, title, append(crumbs, layout.Crumb{Label: title})...)
}

// render writes the page, or the fragment where HTMX asks for the element of that id.
func render(c *fiber.Ctx, id string, page, fragment templ.Component) error {
	c.Vary("HX-Request")
	if id != "" && c.Get("HX-Request") == "true" && c.Get("HX-Target") == id {
		return Render(c, fragment)
	}
	return Render(c, page)
}

// query reads the URL's parameters.
func query(c *fiber.Ctx) url.Values {
	params := url.Values{}
	for name, value := range c.Request().URI().QueryArgs().All() {
		params.Add(string(name), string(value))
	}
	return params
}

// posted reads a form. Of the URL only what narrows the list counts: a link must
// not be able to say what is done, or to which rows.
func posted(c *fiber.Ctx) url.Values {
	form := url.Values{}
	for name, value := range c.Request().PostArgs().All() {
		form.Add(string(name), string(value))
	}
	for name, values := range query(c) {
		if !form.Has(name) && !slices.Contains([]string{"id", "all", "action", "confirm"}, name) {
			form[name] = values
		}
	}
	return form
}

// Render answers with a page or a fragment. All that it shows has been read: a
// deadline that is over by now, maybe the very cause of an error page, is no reason
// not to show it.
func Render(c *fiber.Ctx, component templ.Component) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return component.Render(context.WithoutCancel(c.UserContext()), c.Response().BodyWriter())
}

// Rejected is returned by a handler whose form was filled in wrongly: the presenter
// answers with the page, which holds what was typed and what is wrong with it, and
// with the status of Err.
type Rejected struct {
	Err  error
	Page templ.Component
}

func (r *Rejected) Error() string { return r.Err.Error() }

// Unwrap lets errors.As find the problem inside.
func (r *Rejected) Unwrap() error { return r.Err }

// Words says a sentence of a problem to the reader of ctx.
func Words(ctx context.Context, text problem.Text) string {
	return i18n.T(ctx, text.Format, text.Args...)
}

// Sentence says what a problem says, and of too many requests for how long.
func Sentence(ctx context.Context, p *problem.Problem) string {
	if p.RetryAfter > 0 {
		now := time.Now()
		return i18n.T(ctx, "Too many requests. Try again %s.", i18n.Ago(ctx, now, now.Add(p.RetryAfter)))
	}
	return Words(ctx, p.Message)
}

// AllWords says what a problem finds wrong with each field, by its name; where it names
// no field, its message under "".
func AllWords(ctx context.Context, p *problem.Problem) map[string][]string {
	words := map[string][]string{}
	for field, texts := range p.Fields {
		words[field] = inWords(ctx, texts)
	}
	if len(words) == 0 {
		words[""] = []string{Sentence(ctx, p)}
	}
	return words
}

func inWords(ctx context.Context, texts []problem.Text) []string {
	words := make([]string, len(texts))
	for i, text := range texts {
		words[i] = Words(ctx, text)
	}
	return words
}

const (
	// fromParam carries the query of the list that a page was opened from.
	fromParam = "from"
	// maxFrom bounds it; a list that says more of itself opens as it is by itself.
	maxFrom = 2000
)

// origin is the list that a page was opened from; nil: from none. It is a query alone,
// so that it leads to no other place than the model's own list.
type origin struct{ query string }

func originOf(c *fiber.Ctx) *origin {
	params := query(c)
	if !params.Has(fromParam) {
		return nil
	}
	from, err := url.ParseQuery(params.Get(fromParam))
	if err != nil || len(params.Get(fromParam)) > maxFrom {
		return &origin{}
	}
	return &origin{from.Encode()}
}

// url is the address of a page below the list that leads back to where one was.
func (o *origin) url(page string) string {
	if o == nil {
		return page
	}
	separator := "?"
	if strings.Contains(page, "?") {
		separator = "&"
	}
	return page + separator + fromParam + "=" + url.QueryEscape(o.query)
}

// KeepPlace is the address of a page that leads back to the list from which the coded page
// of a row was reached.
func KeepPlace(c *fiber.Ctx, page string) string { return originOf(c).url(page) }

// listURL is the list that one came from, else the list as it opens.
func (r *resource) listURL(from *origin) string {
	if from == nil || from.query == "" {
		return r.url()
	}
	return r.url() + "?" + from.query
}
