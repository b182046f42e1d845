package djangoimport

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// flags are the actions of django_admin_log.
var flags = map[int64]models.HistoryAction{1: models.HistoryAdded, 2: models.HistoryChanged, 3: models.HistoryDeleted}

func (r *run) importHistory(ctx context.Context) error {
	return copying[models.HistoryEntry]{
		table: "django_admin_log", needed: []string{"id", "action_time", "object_id", "action_flag", "content_type_id"},
		query: "SELECT l.*, t.app_label, t.model FROM django_admin_log AS l LEFT JOIN django_content_type AS t ON t.id = l.content_type_id ORDER BY l.id",
		make:  r.historyEntry, find: findHistory,
	}.run(ctx, r)
}

func (r *run) historyEntry(from *row) made[models.HistoryEntry] {
	of := from.text("app_label", 0) + "." + from.text("model", 0)
	object, err := strconv.ParseInt(from.text("object_id", 0), 10, 64)
	user := from.id("user_id")
	action, known := flags[from.id("action_flag")]
	switch {
	case slugs[of] == "":
		return leave[models.HistoryEntry]("there is no history of %q here", of)
	case err != nil:
		return leave[models.HistoryEntry]("its object has no number")
	case !known:
		return leave[models.HistoryEntry]("its action is unknown")
	}
	entry := models.HistoryEntry{
		At: from.timeOr(r.at, "action_time"), Channel: models.ChannelBackoffice, Model: slugs[of], ObjectID: object,
		ObjectLabel: from.text("object_repr", 255), Action: action, Summary: models.Truncate(changeMessage(from), 255), Changes: []models.FieldChange{},
	}
	if name := r.users[user]; name != "" {
		entry.UserID, entry.Username = user, name
	}
	return made[models.HistoryEntry]{row: entry}
}

// changeMessage is what Django wrote of a change: a sentence, or since 1.10 a list in
// JSON such as [{"changed": {"fields": ["Status"]}}].
func changeMessage(from *row) string {
	type part struct {
		Name   string   `json:"name"`
		Object string   `json:"object"`
		Fields []string `json:"fields"`
	}
	var parts []map[string]part
	if !from.json("change_message", &parts) {
		return from.text("change_message", 0)
	}
	var texts []string
	for _, p := range parts {
		for _, verb := range []string{"added", "changed", "deleted"} {
			what, found := p[verb]
			if words := strings.TrimSpace(strings.Join(what.Fields, ", ") + " " + what.Name + " " + what.Object); found && words != "" {
				texts = append(texts, strings.ToUpper(verb[:1])+verb[1:]+" "+strings.TrimSpace(words))
			}
		}
	}
	return strings.ReplaceAll(strings.Join(texts, "; "), "\x00", "")
}

// findHistory finds entries by when they happened and to what: nothing names them by
// their ids, and this program has entries of its own.
func findHistory(ctx context.Context, tx bun.Tx, all []made[models.HistoryEntry]) error {
	var times []time.Time
	for _, m := range all {
		if m.outcome == Imported {
			times = append(times, m.row.At)
		}
	}
	if len(times) == 0 {
		return nil
	}
	var rows []models.HistoryEntry
	if err := tx.NewSelect().Model(&rows).Where("at IN (?)", bun.List(times)).Scan(ctx); err != nil {
		return fmt.Errorf("look for history: %w", err)
	}
	key := func(e models.HistoryEntry) string {
		return fmt.Sprint(e.At.UnixMicro(), e.Model, e.ObjectID, e.Action, e.Summary)
	}
	there := map[string]bool{}
	for _, row := range rows {
		there[key(row)] = true
	}
	for i := range all {
		if all[i].outcome == Imported && there[key(all[i].row)] {
			all[i].outcome = Present
		}
	}
	return nil
}
