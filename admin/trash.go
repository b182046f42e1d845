package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
			Together: together[row.Act], UndoURL: h.url("trash", "undo", row.Act),
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

// together counts what is in the trash of the acts that deleted some rows.
func (h handler) together(ctx context.Context, rows []models.TrashedRow) (map[string]int, error) {
	acts := make([]string, len(rows))
	for i, row := range rows {
		acts[i] = row.Act
	}
	var counts []struct {
		Act  string
		Rows int
	}
	if err := h.site.DB.NewSelect().Model((*models.TrashedRow)(nil)).Column("act").ColumnExpr("count(*) AS rows").Where("model = ?", h.slug).
		Where("act IN (?)", bun.List(acts)).GroupExpr("act").Scan(ctx, &counts); err != nil {
		return nil, fmt.Errorf("count trash: %w", err)
	}
	of := map[string]int{}
	for _, count := range counts {
		of[count.Act] = count.Rows
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

// undo restores what one act deleted.
func (h handler) undo(c *fiber.Ctx) error {
	ctx, _ := models.WithAct(c.UserContext())
	n, err := h.trash.Undo(ctx, c.Params("act"))
	return h.trashed(c, n, "%d restored.", err)
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
	tone, next := models.TonePositive, h.url()
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
		label := i18n.T(ctx, s.tableLabel(related.Table))
		switch related.Effect {
		case models.DeletedToo:
			lines[i] = fmt.Sprintf("%s: %s", label, i18n.Number(ctx, related.Count))
		case models.LosesReference:
			lines[i] = i18n.T(ctx, "%s: %d, which stay but name it no more", label, related.Count)
		default:
			lines[i] = i18n.T(ctx, "%s: %d, which stand in the way", label, related.Count)
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
		if i := slices.IndexFunc(r.inlines, func(in *inline) bool { return in.table == table }); i >= 0 {
			return r.inlines[i].title
		}
	}
	return kinds.LabelOf(table)
}

// reverts tells whether there is a keeper to take changes back.
func (r *resource) reverts() bool { return r.trash != nil }

// undoURL is where what an act did is taken back; empty: it cannot be, or was.
func (r *resource) undoURL(ctx context.Context, act string) (string, error) {
	if !r.reverts() {
		return "", nil
	}
	changed, err := models.Undoable(r.site.DB, r.slug, act).Exists(ctx)
	if err != nil {
		return "", fmt.Errorf("look for what can be undone: %w", err)
	}
	if changed && r.may(ctx, models.Change) {
		return r.url("acts", act, "undo"), nil
	}
	deleted, err := r.site.DB.NewSelect().Model((*models.TrashedRow)(nil)).Where("model = ?", r.slug).Where("act = ?", act).Exists(ctx)
	if err != nil {
		return "", fmt.Errorf("look into the trash: %w", err)
	}
	if deleted && r.may(ctx, models.Delete) {
		return r.url("trash", "undo", act), nil
	}
	return "", nil
}

// UndoURL is where what an act did to rows of a model is taken back; empty: it cannot be.
func (s *Site) UndoURL(ctx context.Context, slug, act string) (string, error) {
	return s.resource(slug).undoURL(ctx, act)
}

// undoAct gives rows back what an act changed of them.
func (h handler) undoAct(c *fiber.Ctx) error {
	ctx, act := c.UserContext(), c.Params("act")
	ids, err := h.undoable(ctx, act, 0, actionBatch+1)
	if err != nil {
		return err
	}
	if len(ids) > actionBatch {
		job := &models.Job{Kind: UndoJob, Model: h.slug, Action: act, Language: i18n.Lang(ctx)}
		total, err := models.Undoable(h.site.DB, h.slug, act).Count(ctx)
		if err != nil {
			return fmt.Errorf("count what can be undone: %w", err)
		}
		job.Total = int(total)
		page, err := h.site.Enqueue(ctx, job)
		if err != nil {
			return err
		}
		return c.Redirect(page, fiber.StatusSeeOther)
	}
	acting, _ := models.WithAct(ctx)
	undone, err := h.trash.Revert(acting, act, ids, h.protected(ctx))
	if err != nil {
		return err
	}
	tone, sentence := models.TonePositive, i18n.T(ctx, "%d undone.", undone.Rows)
	if len(undone.Left) > 0 {
		named := strings.Join(undone.Left[:min(len(undone.Left), maxTitles)], ", ")
		tone, sentence = models.ToneWarning, sentence+" "+i18n.T(ctx, "%d were changed since and stay as they are: %s.", len(undone.Left), named)
	}
	if len(undone.Mailed) > 0 {
		tone, sentence = models.ToneWarning, sentence+" "+i18n.T(ctx, "The mail of %d went out already.", len(undone.Mailed))
	}
	if undone.Rows == 0 {
		tone = models.ToneWarning
	}
	return h.back(c, h.url(), tone, sentence)
}

// undoable are the ids of rows behind one that an act can be undone for.
func (r *resource) undoable(ctx context.Context, act string, behind int64, limit int) ([]int64, error) {
	var ids []int64
	err := models.Undoable(r.site.DB, r.slug, act).ColumnExpr("DISTINCT object_id").Where("object_id > ?", behind).
		OrderExpr("object_id").Limit(int64(limit)).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("find what can be undone: %w", err)
	}
	return ids, nil
}

// protected are the columns of a row that who asks may not change.
func (r *resource) protected(ctx context.Context) func(any) []string {
	return func(row any) []string {
		if r.locked == nil {
			return nil
		}
		return r.locked(ctx, row)
	}
}

// actURL is the page of all that was done with an entry; empty where that is all.
func (r *resource) actURL(entry *models.HistoryEntry) string {
	if entry.Act == "" || !entry.Folded && entry.ActRows < 2 {
		return ""
	}
	return r.url("acts", entry.Act)
}

// ActURL is the page of what was done at once with an entry of the history; empty where
// that is all.
func (s *Site) ActURL(entry *models.HistoryEntry) string {
	if r := s.resource(entry.Model); r != nil {
		return r.actURL(entry)
	}
	return ""
}

// actPage tells of all rows to which one act did something.
func (h handler) actPage(c *fiber.Ctx) error {
	ctx, act := c.UserContext(), c.Params("act")
	var entries []models.HistoryEntry
	find := h.site.DB.NewSelect().Model(&entries).ExcludeColumn("version", "before", "after").Where("act = ?", act).Where("model = ?", h.slug).
		OrderExpr("id").Limit(pageSize + 1)
	behind, paged := kinds.ParseID(query(c).Get("after"))
	if paged {
		find.Where("id > ?", behind)
	}
	if err := find.Scan(ctx); err != nil {
		return fmt.Errorf("read act: %w", err)
	}
	if len(entries) == 0 {
		return problem.ErrNotFound()
	}
	first := new(models.HistoryEntry)
	if err := h.site.DB.NewSelect().Model(first).Where("act = ?", act).Where("model = ?", h.slug).OrderExpr("id").Limit(1).Scan(ctx); err != nil {
		return fmt.Errorf("read act: %w", err)
	}
	page := adminpages.History{Title: h.actWords(ctx, first), URL: h.url()}
	if len(entries) > pageSize {
		entries = entries[:pageSize]
		page.Older = h.url("acts", act) + "?after=" + strconv.FormatInt(entries[pageSize-1].ID, 10)
	}
	for _, entry := range entries {
		shown := h.entryShown(ctx, entry)
		shown.Object, shown.ObjectURL = entry.ObjectLabel, h.url(strconv.FormatInt(entry.ObjectID, 10), "history")
		page.Entries = append(page.Entries, shown)
	}
	var err error
	if page.UndoURL, err = h.undoURL(ctx, act); err != nil {
		return err
	}
	if page.Frame, err = h.frame(c, i18n.T(ctx, "History")); err != nil {
		return err
	}
	return render(c, "", adminpages.HistoryPage(page), nil)
}

// actWords tell of an act in a sentence: "sarah: 214 messages marked as spam."
func (r *resource) actWords(ctx context.Context, first *models.HistoryEntry) string {
	who := first.Username
	if who == "" {
		who = i18n.T(ctx, "Nobody signed in")
	}
	return who + ": " + r.doneWords(ctx, first)
}

// doneWords are what the action says that it did, or what became of so many rows.
func (r *resource) doneWords(ctx context.Context, first *models.HistoryEntry) string {
	rows := max(first.ActRows, 1)
	switch {
	case first.Undoes != "":
		return i18n.T(ctx, "%d undone.", rows)
	case first.Action == models.HistoryDeleted:
		return i18n.T(ctx, "%d deleted.", rows)
	}
	for i := range r.actions {
		if r.actions[i].Label == first.Summary {
			return i18n.T(ctx, r.actions[i].Done, rows)
		}
	}
	if first.Action == models.HistoryAdded {
		return i18n.T(ctx, "%d restored.", rows)
	}
	return i18n.T(ctx, "%d changed.", rows)
}
