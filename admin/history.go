package admin

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin/imports"
	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

const (
	maxHistory = 200 // changes of an object that its history goes back
	maxNamed   = 4   // fields that the words for a change name
	maxValue   = 40  // letters of the values that they show
)

// history shows what became of one row, also once it is deleted.
func (h handler) history(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, ok := kinds.ParseID(c.Params("id"))
	if !ok {
		return problem.ErrNotFound()
	}
	var entries []models.HistoryEntry
	args := new(models.Args)
	if err := h.site.DB.NewSelect().Model(&entries).Where("model = ?", args.Of(h.slug)).Where("object_id = ?", args.Of(id)).
		OrderExpr("id DESC").Limit(maxHistory).Scan(args.In(ctx)); err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	rows, err := h.ByID(ctx, h.site.DB, []int64{id})
	if err != nil {
		return err
	}
	if len(rows) == 0 && len(entries) == 0 {
		return problem.ErrNotFound()
	}
	page, from := adminpages.History{}, originOf(c)
	if len(rows) > 0 {
		page.Title, page.URL = h.titleOf(rows[0]), from.url(h.url(strconv.FormatInt(id, 10)))
	} else {
		page.Title = entries[0].ObjectLabel
	}
	names, err := h.site.changesNamed(ctx, entries)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		shown := h.entryShown(ctx, names, entry)
		shown.ActURL = h.actURL(&entry)
		if len(rows) > 0 && h.edits() && h.may(ctx, models.Change) && entry.Version != nil {
			shown.RestoreURL = from.url(h.url(strconv.FormatInt(id, 10)) + "?version=" + strconv.FormatInt(entry.ID, 10))
		}
		page.Entries = append(page.Entries, shown)
	}
	page.Full = len(entries) == maxHistory
	if page.Frame, err = h.frame(c, i18n.T(ctx, "History"), layout.Crumb{Label: page.Title, URL: page.URL}); err != nil {
		return err
	}
	return render(c, "", adminpages.HistoryPage(page), nil)
}

// lastChange tells who changed a row last, and when.
func (s *Site) lastChange(ctx context.Context, r *resource, id int64) (who string, at time.Time, err error) {
	entry := new(models.HistoryEntry)
	err = s.DB.NewSelect().Model(entry).Column("username", "at").Where("model = ?", r.slug).Where("object_id = ?", id).
		OrderExpr("id DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return i18n.T(ctx, "Somebody"), s.Now(), nil
	}
	if err != nil {
		return "", at, fmt.Errorf("find who changed %s %d: %w", r.slug, id, err)
	}
	return whoOf(ctx, entry), entry.At, nil
}

// whoOf names who made a change.
func whoOf(ctx context.Context, entry *models.HistoryEntry) string {
	switch {
	case entry.Username != "":
		return entry.Username
	case entry.Channel == models.ChannelSystem || entry.Channel == models.ChannelCommand:
		return i18n.T(ctx, channels[entry.Channel])
	}
	return i18n.T(ctx, "Nobody signed in")
}

// actWords tell of an act in a sentence: "sarah: 214 messages marked as spam."
func (r *resource) actWords(ctx context.Context, first *models.HistoryEntry) string {
	return whoOf(ctx, first) + ": " + r.doneWords(ctx, first)
}

// doneWords are what the action says that it did, or what became of so many rows.
func (r *resource) doneWords(ctx context.Context, first *models.HistoryEntry) string {
	rows := max(first.ActRows, 1)
	switch {
	case first.Undoes != "" && first.Action != models.HistoryAdded:
		return i18n.T(ctx, "%d undone.", rows)
	case first.Summary == imports.Summary:
		return i18n.T(ctx, "%d imported.", rows)
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

// changesNamed are the names of what the changes of entries lead to.
func (s *Site) changesNamed(ctx context.Context, entries []models.HistoryEntry) (*listing.Names, error) {
	rows := make([]any, len(entries))
	for i := range entries {
		rows[i] = &entries[i]
	}
	return s.namesIn(ctx, nil, rows, nil)
}

// wantChanges notes what is needed to tell of an entry's changes.
func (s *Site) wantChanges(ctx context.Context, names *listing.Names, entry *models.HistoryEntry) {
	of := s.resource(entry.Model)
	if of == nil {
		return
	}
	for _, change := range entry.Changes {
		if _, c := of.changed(ctx, change.Field); c != nil {
			names.WantPast(c, change.From, change.To)
		}
	}
}

func (r *resource) entryShown(ctx context.Context, names *listing.Names, entry models.HistoryEntry) adminpages.HistoryEntry {
	action := models.ChoiceOf(entry.Action, string(entry.Action))
	shown := adminpages.HistoryEntry{
		At: entry.At, Who: whoOf(ctx, &entry), From: entry.IPAddress, Channel: i18n.T(ctx, channels[entry.Channel]),
		Badge:   adminpages.Badge{Value: action.Value, Label: i18n.T(ctx, action.Label), Tone: action.Tone},
		Changes: r.changesOf(ctx, names, entry.Changes),
	}
	if entry.Action == models.HistoryChanged {
		shown.Words = r.changeWords(ctx, names, entry.Changes)
	}
	if entry.Summary != "" {
		shown.Summary = i18n.T(ctx, entry.Summary)
	}
	return shown
}

// changeShown is a change in the words of the declaration, as far as it names the field.
func (r *resource) changeShown(ctx context.Context, names *listing.Names, change models.FieldChange) adminpages.Change {
	shown := kinds.Changed(ctx, change)
	label, c := r.changed(ctx, change.Field)
	if shown.Field = label; c != nil && !c.Password {
		shown.From, shown.To = names.Told(ctx, c, change.From), names.Told(ctx, c, change.To)
	}
	return shown
}

var channels = map[models.Channel]string{
	models.ChannelAPI: "API", models.ChannelBackoffice: "Back office", models.ChannelCommand: "Command line", models.ChannelSystem: "The program",
}

// Channels are the choices of a column that names a channel.
func (s *Site) Channels(context.Context) ([]models.Choice, error) {
	var choices []models.Choice
	for channel, label := range channels {
		choices = append(choices, models.Choice{Value: string(channel), Label: label})
	}
	return choices, nil
}

func (r *resource) changesOf(ctx context.Context, names *listing.Names, changes []models.FieldChange) []adminpages.Change {
	shown := make([]adminpages.Change, len(changes))
	for i, change := range changes {
		shown[i] = r.changeShown(ctx, names, change)
	}
	return shown
}

// namedCell is cell, in the words of names: an entry of the history tells what it changed
// with the labels of its model.
func (r *resource) namedCell(ctx context.Context, names *listing.Names, c *kinds.Column, row any, badge Badge) adminpages.Cell {
	cell := names.Put(ctx, c, row, r.cell(ctx, c, row, badge))
	if cell.Kind == adminpages.CellChanges {
		entry := row.(*models.HistoryEntry)
		of := r.modelOf(entry)
		cell.Changes = of.changesOf(ctx, names, entry.Changes)
		if entry.Action == models.HistoryChanged {
			cell.Text = of.changeWords(ctx, names, entry.Changes)
		}
	}
	return cell
}

// modelOf is the model that an entry of the history is about, or the history's own where
// that is declared no more.
func (r *resource) modelOf(entry *models.HistoryEntry) *resource {
	if of := r.site.resource(entry.Model); of != nil {
		return of
	}
	return r
}

// changeLabel is what a changed field is called in the form: "Status", or of a row of an
// inline "Data sources, Lake: Type".
func (r *resource) changeLabel(ctx context.Context, field string) string {
	label, _ := r.changed(ctx, field)
	return label
}

// changed is changeLabel, and the field's column; nil where none is declared.
func (r *resource) changed(ctx context.Context, field string) (string, *kinds.Column) {
	name, below, nested := strings.Cut(field, ".")
	i := slices.IndexFunc(r.inlines, func(in *inline) bool { return in.name == name })
	if !nested || i < 0 {
		return columnOf(ctx, slices.Collect(maps.Values(r.columns)), field)
	}
	title, columns := i18n.T(ctx, r.inlines[i].title), r.inlines[i].columns
	if !r.inlines[i].single {
		dot := strings.LastIndexByte(below, '.')
		if dot < 0 {
			return title + ", " + below, nil
		}
		title, below = title+", "+below[:dot], below[dot+1:]
		if order := r.inlines[i].order; order != nil {
			columns = append(slices.Clip(columns), order)
		}
	}
	label, c := columnOf(ctx, columns, below)
	return title + ": " + label, c
}

// Explain says what is wrong with a row of a model, each with the label of its column.
func (s *Site) Explain(ctx context.Context, slug string, p *problem.Problem) []string {
	var all []string
	r, words := s.resource(slug), AllWords(ctx, p)
	for _, field := range slices.Sorted(maps.Keys(words)) {
		for _, sentence := range words[field] {
			if r != nil && field != "file" && field != "" {
				sentence = r.changeLabel(ctx, field) + ": " + sentence
			}
			all = append(all, sentence)
		}
	}
	return all
}

// columnOf is the column of a name and its label; nil where none has it.
func columnOf(ctx context.Context, columns []*kinds.Column, name string) (string, *kinds.Column) {
	if i := slices.IndexFunc(columns, func(c *kinds.Column) bool { return c.Name == name }); i >= 0 {
		return columns[i].Title(ctx), columns[i]
	}
	return i18n.T(ctx, kinds.LabelOf(name)), nil
}

// changeWords sums a change up in one line: "Status Active → On hold, budget".
func (r *resource) changeWords(ctx context.Context, names *listing.Names, changes []models.FieldChange) string {
	var words []string
	for i, change := range changes[:min(len(changes), maxNamed)] {
		shown := r.changeShown(ctx, names, change)
		label, from, to := shown.Field, shown.From, shown.To
		switch {
		case i > 0:
			first, size := utf8.DecodeRuneInString(label)
			label = string(unicode.ToLower(first)) + label[size:]
		case utf8.RuneCountInString(from+to) <= maxValue && !strings.Contains(from+to, "\n"):
			label = strings.TrimSpace(label + " " + from + " → " + to)
		}
		words = append(words, label)
	}
	if more := len(changes) - maxNamed; more > 0 {
		words = append(words, i18n.T(ctx, "and %d more", more))
	}
	return strings.Join(words, ", ")
}

// showVersion fills the form with the row as an earlier change left it. Nothing is stored
// until somebody saves it, with all checks.
func (f *form) showVersion(ctx context.Context, entryID int64) error {
	entry := new(models.HistoryEntry)
	err := f.site.DB.NewSelect().Model(entry).Where("id = ?", entryID).Where("model = ?", f.slug).Where("object_id = ?", f.id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && entry.Version == nil {
		return problem.ErrNotFound()
	}
	if err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	row := f.newRow()
	if err := json.Unmarshal(entry.Version, row); err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	stored := f.typed
	f.typed, f.shownAt = f.draftOf(row), entry.At
	for _, name := range f.locked {
		f.typed.values[name] = stored.values[name]
	}
	return nil
}
