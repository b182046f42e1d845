package backoffice

import (
	"context"
	"fmt"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/accounts"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

const historySlug = "history"

// shownStaff is how many people the history's filter offers.
const shownStaff = 50

// historyModel declares what was changed on the whole site. Nobody changes it.
func historyModel(site *admin.Site, users *accounts.Users) *admin.Model[models.HistoryEntry] {
	return &admin.Model[models.HistoryEntry]{
		Slug: historySlug, Name: "Change", Plural: "History", Group: "System", Icon: "history",
		List:    []string{"object_label", "model", "action", "summary", "changes", "username", "at"},
		Filters: []string{"action", "model", "username", "at", "folded"},
		Default: map[string]string{"folded": "0"},
		Choices: map[string]func(context.Context) ([]models.Choice, error){
			"model": site.Models, "username": staffOf(users), "channel": site.Channels,
		},
		Worded: []string{"summary"},
		Search: []string{"object_label", "username", "summary"},
		Dates:  "at",
		Fieldsets: []admin.Fieldset{
			{Title: "What", Fields: []string{"object_label", "model", "object_id", "action", "summary", "changes"}},
			{Title: "Who", Fields: []string{"username", "ip_address", "channel", "at"}},
		},
		Labels: map[string]string{
			"object_label": "Object", "object_id": "ID", "at": "When", "username": "User", "ip_address": "IP address", "channel": "By way of",
			"folded": "Part of a bulk change",
		},
		Excerpt: "username",
		Title:   func(e *models.HistoryEntry) string { return e.ObjectLabel },
		Hint:    "Every change made here or by the API will be listed.",
		Side: func(ctx context.Context, e *models.HistoryEntry) ([]adminpages.Timeline, error) {
			return actOf(ctx, site, e)
		},
	}
}

// shownOfAct is how many rows the page of a change tells that were changed with it.
const shownOfAct = 20

// actOf tells to which rows the same act did something.
func actOf(ctx context.Context, site *admin.Site, entry *models.HistoryEntry) ([]adminpages.Timeline, error) {
	if entry.Act == "" {
		return nil, nil
	}
	var entries []models.HistoryEntry
	total, err := site.DB.NewSelect().Model(&entries).Column("id", "at", "action", "object_id", "object_label").Where("act = ?", entry.Act).
		OrderExpr("id").Limit(shownOfAct).ScanAndCount(ctx)
	if err != nil {
		return nil, fmt.Errorf("read act: %w", err)
	}
	if total < 2 {
		return nil, nil
	}
	panel := adminpages.Timeline{Title: i18n.T(ctx, "Done to %d rows at once", total), URL: site.ActURL(entry)}
	for _, e := range entries {
		action := models.ChoiceOf(e.Action, string(e.Action))
		panel.Events = append(panel.Events, adminpages.Event{Title: e.ObjectLabel, Tone: action.Tone, At: e.At, Text: i18n.T(ctx, action.Label)})
	}
	if more := int(total) - len(entries); more > 0 {
		panel.More = i18n.T(ctx, "and %d more", more)
	}
	return []adminpages.Timeline{panel}, nil
}

// staffOf offers the members of staff; whoever else changed something is found by
// search.
func staffOf(users *accounts.Users) func(context.Context) ([]models.Choice, error) {
	return func(ctx context.Context) ([]models.Choice, error) {
		names, err := users.Staff(ctx, shownStaff)
		if err != nil {
			return nil, err
		}
		choices := make([]models.Choice, len(names))
		for i, name := range names {
			choices[i] = models.Choice{Value: name, Label: name}
		}
		return choices, nil
	}
}
