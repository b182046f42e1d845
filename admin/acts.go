package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// undoURL is where what an act did is taken back; empty: it cannot be, or was, or who asks
// may not.
func (r *resource) undoURL(ctx context.Context, act string) (string, error) {
	if r.revert == nil {
		return "", nil
	}
	verbs, err := r.undoVerbs(ctx, act)
	if err != nil || len(verbs) == 0 || slices.ContainsFunc(verbs, func(v models.Verb) bool { return !r.may(ctx, v) }) {
		return "", err
	}
	return r.url("acts", act, "undo"), nil
}

// undoVerbs are the rights that it takes to undo an act; none where it cannot be.
func (r *resource) undoVerbs(ctx context.Context, act string) ([]models.Verb, error) {
	var actions []models.HistoryAction
	if err := models.Undoable(r.site.DB, r.slug, act).ColumnExpr("DISTINCT action").Scan(ctx, &actions); err != nil {
		return nil, fmt.Errorf("look for what can be undone: %w", err)
	}
	verbs := make([]models.Verb, len(actions))
	for i, action := range actions {
		if verbs[i] = models.Delete; action == models.HistoryChanged {
			verbs[i] = models.Change
		}
	}
	return verbs, nil
}

// needToUndo refuses who may not undo an act.
func (r *resource) needToUndo(ctx context.Context, act string) error {
	verbs, err := r.undoVerbs(ctx, act)
	for _, verb := range verbs {
		err = errors.Join(err, r.need(ctx, verb))
	}
	return err
}

// UndoURL is where what an act did to rows of a model is taken back; empty: it cannot be.
func (s *Site) UndoURL(ctx context.Context, slug, act string) (string, error) {
	if r := s.resource(slug); r != nil {
		return r.undoURL(ctx, act)
	}
	return "", nil
}

// undoAct takes back what an act did.
func (h handler) undoAct(c *fiber.Ctx) error {
	ctx, act := c.UserContext(), c.Params("act")
	if err := h.needToUndo(ctx, act); err != nil {
		return err
	}
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
	undone, err := h.revert(acting, act, ids, h.protected(ctx))
	if err != nil {
		return err
	}
	tone, sentence := undoneWords(ctx, undone)
	from := originOf(c)
	if from != nil && len(ids) == 1 {
		return h.back(c, h.seen(ctx, from.url(h.url(strconv.FormatInt(ids[0], 10)))), tone, sentence)
	}
	return h.back(c, h.seen(ctx, h.listURL(from)), tone, sentence)
}

// undoneWords say what became of the rows of an act that was undone.
func undoneWords(ctx context.Context, undone models.Undone) (tone models.Tone, sentence string) {
	if tone, sentence = models.TonePositive, i18n.T(ctx, "%d undone.", undone.Rows); undone.Restored > 0 && undone.Restored == undone.Rows {
		sentence = i18n.T(ctx, "%d restored.", undone.Rows)
	}
	if len(undone.Left) > 0 {
		named := strings.Join(undone.Left[:min(len(undone.Left), maxTitles)], ", ")
		tone, sentence = models.ToneWarning, sentence+" "+i18n.T(ctx, "%d were changed since and stay as they are: %s.", len(undone.Left), named)
	}
	if len(undone.Mailed) > 0 {
		tone, sentence = models.ToneWarning, sentence+" "+i18n.T(ctx, "The mail of %d went out already.", len(undone.Mailed))
	}
	for _, why := range undone.Refused[:min(len(undone.Refused), maxTitles)] {
		if tone = models.ToneWarning; !strings.Contains(sentence, Sentence(ctx, why)) { // the same of several rows
			sentence += " " + Sentence(ctx, why)
		}
	}
	if undone.Rows == 0 {
		tone = models.ToneWarning
	}
	return tone, sentence
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
	names, err := h.site.changesNamed(ctx, entries)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		shown := h.entryShown(ctx, names, entry)
		shown.Object, shown.ObjectURL = entry.ObjectLabel, h.url(strconv.FormatInt(entry.ObjectID, 10), "history")
		page.Entries = append(page.Entries, shown)
	}
	if page.UndoURL, err = h.undoURL(ctx, act); err != nil {
		return err
	}
	if page.Frame, err = h.frame(c, i18n.T(ctx, "History")); err != nil {
		return err
	}
	return render(c, "", adminpages.HistoryPage(page), nil)
}

// UndoJob takes back what an act did to more rows than fit into a request.
const UndoJob models.JobKind = "undo"

// NextUndone are the ids of the rows that an UndoJob comes to next.
func (s *Site) NextUndone(ctx context.Context, job *models.Job, limit int) ([]int64, error) {
	r := s.resource(job.Model)
	if r == nil || r.revert == nil {
		return nil, problem.ErrNotFound()
	}
	if err := r.needToUndo(ctx, job.Action); err != nil {
		return nil, err
	}
	return r.undoable(ctx, job.Action, job.Cursor, limit)
}

// RunUndo takes back what an act did to some rows. Where one refuses, each is tried alone.
func (s *Site) RunUndo(ctx context.Context, job *models.Job, ids []int64) (int, error) {
	r := s.resource(job.Model)
	undone, err := r.revert(models.InAct(ctx, job.Act()), job.Action, ids, r.protected(ctx))
	switch {
	case err != nil:
		return 0, err
	case len(undone.Left) > 0:
		return 0, problem.New(problem.Conflict, "conflict", "It was changed since, and stays as it is.")
	case len(undone.Mailed) > 0:
		return 0, problem.New(problem.Conflict, "conflict", "Its mail went out already.")
	case len(undone.Refused) > 0:
		return 0, undone.Refused[0]
	}
	return undone.Rows, nil
}
