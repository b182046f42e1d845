package admin

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

// maxHistory is how many changes of an object its history goes back.
const maxHistory = 200

// history shows what became of one row, also once it is deleted.
func (h handler) history(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, ok := parseID(c.Params("id"))
	if !ok {
		return problem.ErrNotFound()
	}
	var entries []models.HistoryEntry
	if err := h.site.DB.NewSelect().Model(&entries).Where("model = ?", h.slug).Where("object_id = ?", id).
		OrderExpr("id DESC").Limit(maxHistory).Scan(ctx); err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	rows, err := h.byID(ctx, h.site.DB, []int64{id})
	if err != nil {
		return err
	}
	if len(rows) == 0 && len(entries) == 0 {
		return problem.ErrNotFound()
	}
	page := adminpages.History{}
	if len(rows) > 0 {
		page.Title, page.URL = h.titleOf(rows[0]), h.url(strconv.FormatInt(id, 10))
	} else {
		page.Title = entries[0].ObjectLabel
	}
	for _, entry := range entries {
		page.Entries = append(page.Entries, entryShown(ctx, entry))
	}
	page.Full = len(entries) == maxHistory
	if page.Frame, err = h.frame(c, i18n.T(ctx, "History"), layout.Crumb{Label: page.Title, URL: page.URL}); err != nil {
		return err
	}
	return render(c, "", adminpages.HistoryPage(page), nil)
}

func entryShown(ctx context.Context, entry models.HistoryEntry) adminpages.HistoryEntry {
	action := models.ChoiceOf(entry.Action, string(entry.Action))
	shown := adminpages.HistoryEntry{
		At: entry.At, Who: entry.Username, From: entry.IPAddress, Channel: i18n.T(ctx, channels[entry.Channel]),
		Badge:   adminpages.Badge{Value: action.Value, Label: i18n.T(ctx, action.Label), Tone: action.Tone},
		Changes: changesOf(ctx, entry.Changes),
	}
	if entry.Summary != "" {
		shown.Summary = i18n.T(ctx, entry.Summary)
	}
	if shown.Who == "" {
		shown.Who = i18n.T(ctx, "Nobody signed in")
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

func changesOf(ctx context.Context, changes []models.FieldChange) []adminpages.Change {
	shown := make([]adminpages.Change, len(changes))
	for i, change := range changes {
		shown[i] = adminpages.Change{Field: i18n.T(ctx, labelOf(change.Field)), From: yesOrNo(ctx, change.From), To: yesOrNo(ctx, change.To)}
	}
	return shown
}

// yesOrNo says what became of a box that is ticked or not; anything else is as it was.
func yesOrNo(ctx context.Context, value string) string {
	switch value {
	case "true":
		return i18n.T(ctx, "Yes")
	case "false":
		return i18n.T(ctx, "No")
	}
	return value
}
