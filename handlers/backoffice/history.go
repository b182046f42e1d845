package backoffice

import (
	"context"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// shownStaff is how many people the history's filter offers.
const shownStaff = 50

// historyModel declares what was changed on the whole site. Nobody changes it.
func historyModel(site *admin.Site, users *accounts.Users) *admin.Model[models.HistoryEntry] {
	return &admin.Model[models.HistoryEntry]{
		Slug: "history", Name: "Change", Plural: "History", Group: "System", Icon: "history",
		List:    []string{"object_label", "model", "action", "summary", "username", "at"},
		Filters: []string{"action", "model", "username", "at"},
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
			"object_label": "Object", "object_id": "Id", "at": "When", "username": "User", "ip_address": "IP address", "channel": "By way of",
		},
		Title: func(e *models.HistoryEntry) string { return e.ObjectLabel },
		Hint:  "Every change made here or by the API will be listed.",
	}
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
