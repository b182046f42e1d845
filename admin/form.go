package admin

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// form is a row being edited: what is stored, what was typed, and what is wrong with
// that.
type form struct {
	*resource
	site    *Site
	id      int64 // 0: a new row
	row     any   // as it is stored, or what a new one starts with
	typed   *draft
	version string    // of the row that the person saw
	shownAt time.Time // of the earlier version that the form is filled with; zero: of none
	forced  string    // of the row that they chose to overwrite
	locked  []string
	closed  bool // only shown
	unsaved bool // holds what somebody typed and nobody saved
	from    *origin
	many    bool     // its fields are for many rows at once
	gone    *goneRow // what became of the row that was edited; nil: it is there
	options map[*kinds.Column][]models.Choice
	names   *listing.Names

	faults   problem.Fields
	sentence string // what is wrong with the whole
	warnings problem.Fields
	theirs   *draft // what somebody else saved meanwhile; nil: nobody did
	note     string // what there is to say of what it holds
}

// open prepares the page of a row; id 0 is that of a new one.
func (s *Site) open(ctx context.Context, r *resource, id int64) (*form, error) {
	f := &form{resource: r, site: s, id: id, options: map[*kinds.Column][]models.Choice{}}
	f.closed = id != 0 && !(r.edits() && r.may(ctx, models.Change))
	var err error
	switch {
	case id == 0:
		f.row = r.newRow()
	case r.load != nil:
		var rows map[int64]any
		if rows, err = r.load(ctx, []int64{id}); err == nil && rows[id] == nil {
			err = problem.ErrNotFound()
		}
		f.row = rows[id]
		if err == nil && len(r.Through) > 0 {
			var found []any
			if found, err = r.ByID(ctx, s.DB, []int64{id}); err == nil && len(found) == 1 {
				r.relate(f.row, found[0])
			}
		}
	default:
		f.row, err = s.row(ctx, r, strconv.FormatInt(id, 10))
	}
	if err != nil {
		return nil, err
	}
	f.typed, f.version = r.draftOf(f.row), r.version(f.row)
	if r.locked != nil {
		f.locked = r.locked(ctx, f.row)
		f.closed = f.closed || len(r.inlines) == 0 && !slices.ContainsFunc(r.editable(), func(c *kinds.Column) bool { return !slices.Contains(f.locked, c.Name) })
	}
	if r.warnings != nil && id != 0 {
		f.warnings = r.warnings(f.row)
	}
	for _, c := range r.editable() {
		if c.Ticked || c.Listed {
			if f.options[c], err = c.Known(ctx); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// fill replaces what is stored by what was posted.
func (f *form) fill(ctx context.Context, posted url.Values) error {
	stored := f.typed
	f.typed, f.unsaved = f.readDraft(ctx, posted), true
	for _, name := range f.locked { // which no browser sends
		f.typed.values[name] = stored.values[name]
	}
	f.version, f.forced = posted.Get("_version"), posted.Get("_force")
	for _, c := range f.editable() {
		switch {
		case c.Ticked, c.Permissions:
			f.keepKnown(c)
		case c.Listed:
			f.refuseUnknown(c)
		}
	}
	return f.resolveNames(ctx)
}

// save stores what was typed in the row of that id, which is another than the form's
// where it is saved as new.
func (f *form) save(ctx context.Context, id int64) (any, error) {
	return f.resource.save(ctx, id, func(row any) error {
		if id != 0 && f.stale(row) {
			f.theirs, f.forced = f.draftOf(row), f.resource.version(row)
			return problem.New(problem.Conflict, "conflict", "Somebody else saved this meanwhile.")
		}
		faults := f.typed.apply(f.resource, row, f.locked)
		f.typed.tooMany(faults)
		return models.ValidateWith(row, faults)
	})
}

// stale tells whether row is neither what the person saw first nor what they saw and
// chose to overwrite.
func (f *form) stale(row any) bool {
	now := f.resource.version(row)
	return now != f.version && now != f.forced
}

// reject keeps what a save said for the page that comes back; false for what is no
// fault of the input.
func (f *form) reject(err error) bool {
	p, ok := problem.As(err)
	if !ok || p.Kind != problem.Invalid && p.Kind != problem.Conflict {
		return false
	}
	f.faults = p.Fields
	return true
}

// The buttons of a form: what to do once it is saved, and with which row.
const (
	saveContinue = "continue"
	saveAnother  = "another"
	saveNew      = "new"
	saveRestore  = "restore" // the row first, which was deleted meanwhile
)

func (h handler) addPage(c *fiber.Ctx) error {
	f, err := h.site.open(c.UserContext(), h.resource, 0)
	if err != nil {
		return err
	}
	return h.show(c, f)
}

func (h handler) add(c *fiber.Ctx) error { return h.save(c, 0) }

// rowPage shows a row: what one may change as controls, all else as it stands.
func (h handler) rowPage(c *fiber.Ctx) error {
	id, ok := kinds.ParseID(c.Params("id"))
	if !ok {
		return problem.ErrNotFound()
	}
	f, err := h.site.open(c.UserContext(), h.resource, id)
	if err != nil {
		return err
	}
	if version, ok := kinds.ParseID(query(c).Get("version")); ok && !f.closed {
		if err := f.showVersion(c.UserContext(), version); err != nil {
			return err
		}
	}
	return h.show(c, f)
}

// postRow runs an action on a row, or saves its form.
func (h handler) postRow(c *fiber.Ctx) error {
	if !h.edits() || posted(c).Has("action") {
		return h.actOnOne(c)
	}
	id, ok := kinds.ParseID(c.Params("id"))
	if !ok {
		return problem.ErrNotFound()
	}
	return h.save(c, id)
}

// openTyped is the form of a row filled with what was posted, also where the row was
// deleted meanwhile.
func (h handler) openTyped(c *fiber.Ctx, id int64) (*form, error) {
	ctx := c.UserContext()
	f, err := h.site.open(ctx, h.resource, id)
	if isGone(err) && id != 0 {
		f, err = h.site.openGone(ctx, h.resource, id)
	}
	if err != nil {
		return nil, err
	}
	return f, f.fill(ctx, posted(c))
}

// save stores a posted form. What is wrong with it comes back with all that was typed.
func (h handler) save(c *fiber.Ctx, id int64) error {
	ctx := c.UserContext()
	f, err := h.openTyped(c, id)
	if err != nil {
		return err
	}
	button, target, verb := posted(c).Get("_save"), id, models.Change
	if id == 0 || button == saveNew && (h.saveAsNew || f.gone != nil && h.adds) {
		target, verb = 0, models.Add
	}
	if err := h.need(ctx, verb); err != nil {
		return err
	}
	switch {
	case f.gone != nil && button == saveRestore:
		return h.restore(c, f)
	case f.gone != nil && target != 0:
		return h.reject(c, f, f.gone.problem())
	case f.closed && target != 0:
		return Forbidden() // nothing of it is theirs to change
	}
	row, err := f.save(ctx, target)
	if isGone(err) && target != 0 { // since it was opened
		if f, err = h.openTyped(c, id); err == nil && f.gone != nil {
			err = f.gone.problem()
		}
	}
	if f != nil && f.reject(err) {
		return h.reject(c, f, err)
	}
	if err != nil {
		return err
	}
	return h.saved(c, row, button)
}

func (h handler) reject(c *fiber.Ctx, f *form, err error) error {
	ctx := c.UserContext()
	if f.theirs != nil {
		who, at, err := h.site.lastChange(ctx, h.resource, f.id)
		if err != nil {
			return err
		}
		f.sentence = i18n.T(ctx, "%s saved this meanwhile (%s). Nothing is lost: compare what is marked below, then save anyway or open the page again.",
			who, i18n.Ago(ctx, h.site.Now(), at))
	} else if p, ok := problem.As(err); ok && len(p.Fields) == 0 {
		f.sentence = Words(ctx, p.Message)
	}
	page, drawErr := h.draw(c, f)
	if drawErr != nil {
		return drawErr
	}
	return &Rejected{Err: err, Page: adminpages.FormPage(page)}
}

// saved says so, points out what is odd about the row, and goes where the button said,
// as far as one may look there.
func (h handler) saved(c *fiber.Ctx, row any, button string) error {
	ctx, from := c.UserContext(), originOf(c)
	next := h.seen(ctx, h.listURL(from))
	switch {
	case button == saveAnother && h.adds && h.may(ctx, models.Add):
		next = from.url(h.url("add"))
	case button == saveContinue || button == saveNew:
		next = h.seen(ctx, from.url(h.url(strconv.FormatInt(h.ID(row), 10))))
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
	return render(c, "detail", adminpages.FormPage(page), adminpages.FormFragment(page))
}

func (h handler) draw(c *fiber.Ctx, f *form) (adminpages.Form, error) {
	f.from = originOf(c)
	page, err := f.page(c.UserContext())
	if err == nil {
		page.Frame, err = h.frame(c, page.Title)
	}
	return page, err
}
