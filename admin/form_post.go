package admin

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// The buttons of a form: what to do once it is saved, and with which row.
const (
	saveContinue = "continue"
	saveAnother  = "another"
	saveNew      = "new"
)

func (h handler) addPage(c *fiber.Ctx) error {
	f, err := h.site.open(c.UserContext(), h.resource, 0)
	if err != nil {
		return err
	}
	return h.show(c, f)
}

func (h handler) add(c *fiber.Ctx) error { return h.save(c, 0) }

// rowPage is the form of a row, or what there is to see of it.
func (h handler) rowPage(c *fiber.Ctx) error {
	if !h.edits() {
		return h.detail(c)
	}
	id, ok := parseID(c.Params("id"))
	if !ok {
		return problem.ErrNotFound()
	}
	f, err := h.site.open(c.UserContext(), h.resource, id)
	if err != nil {
		return err
	}
	return h.show(c, f)
}

// postRow runs an action on a row, or saves its form.
func (h handler) postRow(c *fiber.Ctx) error {
	if !h.edits() || posted(c).Has("action") {
		return h.actOnOne(c)
	}
	id, ok := parseID(c.Params("id"))
	if !ok {
		return problem.ErrNotFound()
	}
	return h.save(c, id)
}

// save stores a posted form. What is wrong with it comes back with all that was typed.
func (h handler) save(c *fiber.Ctx, id int64) error {
	ctx, form := c.UserContext(), posted(c)
	button, target, verb := form.Get("_save"), id, models.Change
	if id == 0 || button == saveNew && h.saveAsNew {
		target, verb = 0, models.Add
	}
	if err := h.need(ctx, verb); err != nil {
		return err
	}
	f, err := h.site.open(ctx, h.resource, id)
	if err != nil {
		return err
	}
	if err := f.fill(ctx, form); err != nil {
		return err
	}
	row, err := f.save(ctx, target)
	if f.reject(err) {
		return h.reject(c, f, err)
	}
	if err != nil {
		return err
	}
	return h.saved(c, row, button)
}

func (h handler) reject(c *fiber.Ctx, f *form, err error) error {
	ctx := c.UserContext()
	if p, ok := problem.As(err); ok && (len(p.Fields) == 0 || f.theirs != nil) {
		f.sentence = i18n.T(ctx, p.Message.Format, p.Message.Args...)
	}
	page, drawErr := h.draw(c, f)
	if drawErr != nil {
		return drawErr
	}
	return &Rejected{Err: err, Page: adminpages.FormPage(page)}
}

// saved says so, points out what is odd about the row, and goes where the button said.
func (h handler) saved(c *fiber.Ctx, row any, button string) error {
	ctx := c.UserContext()
	next := h.url()
	switch here := h.url(strconv.FormatInt(h.id(row), 10)); {
	case button == saveContinue || button == saveNew:
		next = here
	case button == saveAnother && h.adds && h.may(ctx, models.Add):
		next = h.url("add")
	}
	tone, sentence := models.TonePositive, i18n.T(ctx, "%s: saved.", h.titleOf(row))
	if h.warnings != nil {
		for _, texts := range h.warnings(row) {
			for _, words := range inWords(ctx, texts) {
				tone, sentence = models.ToneWarning, sentence+" "+words
			}
		}
	}
	return h.back(c, next, tone, sentence)
}

func (h handler) show(c *fiber.Ctx, f *form) error {
	page, err := h.draw(c, f)
	if err != nil {
		return err
	}
	shown := adminpages.FormPage(page)
	return render(c, "", shown, shown)
}

func (h handler) draw(c *fiber.Ctx, f *form) (adminpages.Form, error) {
	page, err := f.page(c.UserContext())
	if err == nil {
		page.Frame, err = h.frame(c, page.Title)
	}
	return page, err
}
