package admin

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

// The actions of a trash page.
const (
	restoreAction = "restore"
	purgeAction   = "purge"
)

// trashPage lists what was deleted of a model, the newest first.
func (h handler) trashPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	before, paged := kinds.ParseID(query(c).Get("before"))
	var rows []models.TrashedRow
	find := h.site.DB.NewSelect().Model(&rows).ExcludeColumn("snapshot").Where("model = ?", h.slug).OrderExpr("id DESC").Limit(pageSize + 1)
	if paged {
		find.Where("id < ?", before)
	}
	if err := find.Scan(ctx); err != nil {
		return fmt.Errorf("list trash: %w", err)
	}
	page := adminpages.Trash{URL: h.url("trash"), Days: h.site.trashDays(), Purge: h.may(ctx, models.Purge)}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		page.Older = page.URL + "?before=" + strconv.FormatInt(rows[pageSize-1].ID, 10)
	}
	if paged {
		page.First = page.URL
	}
	together, err := h.together(ctx, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		page.Rows = append(page.Rows, adminpages.TrashedRow{
			Together: together[row.Act], UndoURL: h.url("acts", row.Act, "undo"),
			ID: strconv.FormatInt(row.ID, 10), Label: row.ObjectLabel, HistoryURL: h.url(strconv.FormatInt(row.ObjectID, 10), "history"),
			By: row.Username, At: row.DeletedAt, Until: row.DeletedAt.Add(h.site.TrashLife),
		})
	}
	page.Title = i18n.T(ctx, "Trash: %s", i18n.T(ctx, h.plural))
	if page.Frame, err = h.frame(c, i18n.T(ctx, "Trash")); err != nil {
		return err
	}
	return render(c, "", adminpages.TrashPage(page), nil)
}

// together counts what is in the trash of the acts that deleted some rows. By their model
// SQLite would read all that was ever deleted of it.
func (h handler) together(ctx context.Context, rows []models.TrashedRow) (map[string]int, error) {
	acts := make([]string, len(rows))
	for i, row := range rows {
		acts[i] = row.Act
	}
	var counts []struct {
		Act, Model string
		Rows       int
	}
	if err := h.site.DB.NewSelect().Model((*models.TrashedRow)(nil)).Column("act", "model").ColumnExpr("count(*) AS rows").
		Where("act IN (?)", bun.List(acts)).GroupExpr("act, model").Scan(ctx, &counts); err != nil {
		return nil, fmt.Errorf("count trash: %w", err)
	}
	of := map[string]int{}
	for _, count := range counts {
		if count.Model == h.slug {
			of[count.Act] = count.Rows
		}
	}
	return of, nil
}

// actOnTrash restores what is ticked, or deletes it for good.
func (h handler) actOnTrash(c *fiber.Ctx) error {
	ctx, form := c.UserContext(), posted(c)
	var ids []int64
	for _, value := range form["id"] {
		id, ok := kinds.ParseID(value)
		if !ok || len(ids) == actionBatch {
			return problem.ErrNotFound()
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return h.back(c, h.url("trash"), models.ToneWarning, i18n.T(ctx, "Select at least one row first."))
	}
	run, done := h.trash.Restore, "%d restored."
	switch form.Get("action") {
	case restoreAction:
	case purgeAction:
		if err := h.need(ctx, models.Purge); err != nil {
			return err
		}
		if form.Get("confirm") != "yes" {
			return h.askToPurge(c, ids)
		}
		run, done = h.trash.Purge, "%d deleted for good."
	default:
		return problem.New(problem.Invalid, "invalid", "This action does not exist.")
	}
	acting, _ := models.WithAct(ctx)
	n, err := run(acting, ids)
	return h.trashed(c, n, done, err)
}

// trashed says what became of rows of the trash. What stands in the way of restoring
// is said there, too: nothing is lost by it.
func (h handler) trashed(c *fiber.Ctx, n int, done string, err error) error {
	ctx := c.UserContext()
	if p, ok := problem.As(err); ok && p.Kind == problem.Conflict {
		return h.back(c, h.url("trash"), models.ToneNegative, i18n.T(ctx, p.Message.Format, p.Message.Args...))
	}
	if err != nil {
		return err
	}
	tone, next := models.TonePositive, h.seen(ctx, h.url())
	if n == 0 {
		tone, next = models.ToneWarning, h.url("trash")
	}
	return h.back(c, next, tone, i18n.T(ctx, done, n))
}

func (h handler) askToPurge(c *fiber.Ctx, ids []int64) error {
	ctx := c.UserContext()
	var rows []models.TrashedRow
	if err := h.site.DB.NewSelect().Model(&rows).ExcludeColumn("snapshot").Where("model = ?", h.slug).Where("id IN (?)", bun.List(ids)).
		OrderExpr("id DESC").Scan(ctx); err != nil {
		return fmt.Errorf("look into the trash: %w", err)
	}
	confirm := adminpages.Confirm{
		Title: i18n.T(ctx, "Delete the %d selected for good?", len(rows)), Submit: i18n.T(ctx, "Delete for good"),
		Question: i18n.T(ctx, "This cannot be brought back, and what the history tells of its content goes as well:"),
		URL:      h.url("trash"), CancelURL: h.url("trash"),
		Params: []adminpages.Param{{Name: "action", Value: purgeAction}, {Name: "confirm", Value: "yes"}},
	}
	for _, row := range rows {
		confirm.Objects = append(confirm.Objects, i18n.T(ctx, h.name)+": "+row.ObjectLabel)
		confirm.Params = append(confirm.Params, adminpages.Param{Name: "id", Value: strconv.FormatInt(row.ID, 10)})
	}
	var err error
	if confirm.Frame, err = h.frame(c, i18n.T(ctx, "Delete for good"), layout.Crumb{Label: i18n.T(ctx, "Trash"), URL: h.url("trash")}); err != nil {
		return err
	}
	return render(c, "", adminpages.ConfirmPage(confirm), nil)
}

func (s *Site) trashDays() int { return int(s.TrashLife.Hours() / 24) }

// RelatedLines say what else a deletion changes.
func (s *Site) RelatedLines(ctx context.Context, all []models.Related) []string {
	lines := make([]string, len(all))
	for i, related := range all {
		label, count := i18n.T(ctx, s.tableLabel(related.Table)), adminpages.Count{N: related.Count, Capped: related.More}.Text(ctx)
		switch related.Effect {
		case models.DeletedToo:
			lines[i] = fmt.Sprintf("%s: %s", label, count)
		case models.LosesReference:
			lines[i] = i18n.T(ctx, "%s: %s, which stay but name it no more", label, count)
		default:
			lines[i] = i18n.T(ctx, "%s: %s, which stand in the way", label, count)
		}
	}
	return lines
}

// Plural is what a model's rows are called, in the reader's language.
func (s *Site) Plural(ctx context.Context, slug string) string {
	return i18n.T(ctx, s.resource(slug).plural)
}

// tableLabel is what the site calls the rows of a table.
func (s *Site) tableLabel(table string) string {
	for _, r := range s.resources {
		if r.Schema.Name == table {
			return r.plural
		}
		if i := slices.IndexFunc(r.inlines, func(in *inline) bool { return in.schema.Name == table }); i >= 0 {
			return r.inlines[i].title
		}
	}
	return kinds.LabelOf(table)
}

// goneRow is a row that was deleted while somebody edited it.
type goneRow struct {
	id, trashed int64 // trashed is its place in the trash; 0: it is not there
	label       string
	who         string
	at          time.Time
}

func (g *goneRow) problem() *problem.Problem {
	return problem.New(problem.Conflict, "deleted", "This was deleted meanwhile.")
}

func isGone(err error) bool {
	p, ok := problem.As(err)
	return ok && p.Kind == problem.NotFound
}

// openGone prepares the form of a new row in the place of one that was deleted.
func (s *Site) openGone(ctx context.Context, r *resource, id int64) (*form, error) {
	entry := new(models.HistoryEntry)
	err := s.DB.NewSelect().Model(entry).Column("username", "at", "object_label").Where("model = ?", r.slug).Where("object_id = ?", id).
		Where("action = ?", models.HistoryDeleted).OrderExpr("id DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("find who deleted %s %d: %w", r.slug, id, err)
	}
	f, err := s.open(ctx, r, 0)
	if err != nil {
		return nil, err
	}
	f.gone = &goneRow{id: id, label: entry.ObjectLabel, who: whoOf(ctx, entry), at: entry.At}
	if r.trash != nil && r.may(ctx, models.Delete) {
		var trashed []int64
		err = s.DB.NewSelect().Model((*models.TrashedRow)(nil)).Column("id").Where("model = ?", r.slug).Where("object_id = ?", id).
			OrderExpr("id DESC").Limit(1).Scan(ctx, &trashed)
		if err != nil {
			return nil, fmt.Errorf("look into the trash: %w", err)
		}
		if len(trashed) > 0 {
			f.gone.trashed = trashed[0]
		}
	}
	return f, nil
}

// drawGone says what became of the row, and what can be done with what was typed.
func (f *form) drawGone(ctx context.Context, p *adminpages.Form) {
	p.Title, p.URL = f.gone.label, f.from.url(f.url(strconv.FormatInt(f.gone.id, 10)))
	f.sentence = i18n.T(ctx, "%s deleted this meanwhile (%s). What you typed is still here.", f.gone.who, i18n.Ago(ctx, f.site.Now(), f.gone.at))
	p.Gone, p.Restorable, p.AddAnother = true, f.gone.trashed != 0, false
	p.SaveAsNew = f.adds && f.may(ctx, models.Add)
}

// restore brings the deleted row back and shows what was typed in its form. Saving that
// is another step: much may have come back with the row.
func (h handler) restore(c *fiber.Ctx, f *form) error {
	if f.gone.trashed == 0 {
		return h.reject(c, f, f.gone.problem())
	}
	if err := h.need(c.UserContext(), models.Delete); err != nil {
		return err
	}
	ctx, _ := models.WithAct(c.UserContext())
	if _, err := h.trash.Restore(ctx, []int64{f.gone.trashed}); err != nil {
		if f.reject(err) {
			return h.reject(c, f, err)
		}
		return err
	}
	restored, err := h.openTyped(c, f.gone.id)
	if err != nil {
		return err
	}
	restored.version = restored.resource.version(restored.row)
	restored.note = i18n.T(ctx, "It is restored. What you typed is here and not saved yet.")
	return h.show(c, restored)
}
