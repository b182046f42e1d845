package backoffice

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/outbox"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
)

// deadLettersModel declares the jobs that the queue gave up. Who may work the mail queue
// may work them.
func (b *Backoffice) deadLettersModel() *admin.Model[models.DeadLetter] {
	return &admin.Model[models.DeadLetter]{
		Slug: models.DeadLettersSlug, Name: "Dead letter", Plural: "Dead letters", Group: "System", Icon: "alert", RightsOf: outbox.QueueSlug,
		List:    []string{"job", "job_id", "cause", "failed_at"},
		Filters: []string{"cause", "job", "failed_at"},
		Search:  []string{"job", "job_id", "arguments", "cause"},
		Dates:   "failed_at",
		Choices: map[string]func(context.Context) ([]models.Choice, error){
			"cause": b.deadChoices(func(cause outbox.DeadCause) string { return cause.Cause }),
			"job":   b.deadChoices(func(cause outbox.DeadCause) string { return cause.Job }),
		},
		Fieldsets: []admin.Fieldset{{Title: "Dead letter", Fields: []string{"job", "job_id", "arguments", "cause", "fails", "failed_at"}}},
		Labels:    map[string]string{"job_id": "ID", "cause": "Error", "fails": "Attempts", "failed_at": "When"},
		Excerpt:   "cause", Hint: "Jobs that can't be worked would be listed here.",
		Title: (*models.DeadLetter).Title, Trash: b.Queue.Letters,
		Links: []admin.Link{{Label: "Workers and throughput", URL: queueURL, Of: models.ContactSlug}},
		Actions: []admin.Action{
			{Name: "put-back", Label: "Put back", Primary: true, Run: b.Queue.PutBack, Refuses: b.unworkable, Final: true, Done: "%d jobs are queued again."},
		},
	}
}

// unworkable are those of the dead letters whose jobs cannot be queued again.
func (b *Backoffice) unworkable(ctx context.Context, ids []int64) ([]models.Refusal, error) {
	letters, err := b.Queue.Letters.LoadAll(ctx, ids)
	_, down := b.Queue.Status(ctx)
	var refused []models.Refusal
	for _, letter := range letters {
		switch refusal := (models.Refusal{ID: letter.ID, Label: letter.Title()}); {
		case !b.Queue.Works(letter):
			refusal.Why = problem.New(problem.Invalid, "invalid", "No worker knows this job.")
			refused = append(refused, refusal)
		case down != nil:
			refusal.Why = problem.New(problem.Unavailable, "unavailable", "Redis does not answer.")
			refused = append(refused, refusal)
		}
	}
	return refused, err
}

// deadChoices are what dead letters have of something.
func (b *Backoffice) deadChoices(of func(outbox.DeadCause) string) func(context.Context) ([]models.Choice, error) {
	return func(ctx context.Context) ([]models.Choice, error) {
		causes, err := b.Outbox.DeadCauses(ctx)
		var choices []models.Choice
		for _, cause := range causes {
			choice := models.Choice{Value: of(cause), Label: of(cause)}
			if choice.Value != "" && !slices.Contains(choices, choice) {
				choices = append(choices, choice)
			}
		}
		return choices, err
	}
}

// deadCauses are what jobs became dead letters by, each with the list of those.
func (b *Backoffice) deadCauses(ctx context.Context) ([]staff.Item, error) {
	causes, err := b.Outbox.DeadCauses(ctx)
	items := make([]staff.Item, len(causes))
	for i, cause := range causes {
		params := url.Values{"job": {cause.Job}}
		if cause.Cause != "" {
			params.Set("cause", cause.Cause)
		}
		items[i] = staff.Item{
			Title: i18n.T(ctx, "%d × %s", cause.Number, strings.TrimSuffix(cause.Job+": "+cause.Cause, ": ")),
			URL:   "/admin/" + models.DeadLettersSlug + "/?" + params.Encode(),
		}
	}
	return items, err
}
