package backoffice

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
	"digitalpath/workers"
)

const deadURL = queueURL + "dead/"

// deadFilter narrows the dead letters, as the URL says: by the name of the job and by its
// error. An empty word is any.
type deadFilter struct{ job, fault string }

// deadFilterOf reads it by c.Query, or c.FormValue of what is posted.
func deadFilterOf(value func(name string, otherwise ...string) string) deadFilter {
	return deadFilter{value("job"), value("error")}
}

func (f deadFilter) params() url.Values {
	params := url.Values{}
	for name, value := range map[string]string{"job": f.job, "error": f.fault} {
		if value != "" {
			params.Set(name, value)
		}
	}
	return params
}

func (f deadFilter) url() string {
	if params := f.params(); len(params) > 0 {
		return queueURL + "?" + params.Encode() + "#dead"
	}
	return queueURL + "#dead"
}

func (f deadFilter) fits(letter workers.DeadJob) bool {
	return (f.job == "" || letter.Name == f.job) && (f.fault == "" || letter.Error == f.fault)
}

// shownDead is how many dead letters a page lists; what is done with all of them is done
// with those that it does not.
const shownDead = 100

// deadLetters are the dead letters that a filter leaves, and by what they can be narrowed.
func (b *Backoffice) deadLetters(ctx context.Context, filter deadFilter) (staff.DeadLetters, error) {
	page := staff.DeadLetters{URL: deadURL, Job: filter.job, Error: filter.fault}
	if models.ActorOf(ctx).Rights.May(models.Change, models.ContactSlug) {
		page.Works = true
	}
	all, err := b.Queue.DeadLetters(ctx)
	if err != nil {
		return page, err
	}
	counts := map[deadFilter]int{}
	for _, letter := range all {
		counts[deadFilter{letter.Name, letter.Error}]++
		if !filter.fits(letter) {
			continue
		}
		if page.Total++; page.Total <= shownDead {
			page.Jobs = append(page.Jobs, staff.DeadJob{Key: letter.Key, Name: letter.Name, ID: cmp.Or(letter.ID, letter.Key), Error: letter.Error, At: letter.DiedAt})
		}
	}
	for cause, count := range counts {
		label := strings.TrimPrefix(cause.job+": "+cause.fault, ": ")
		page.Causes = append(page.Causes, adminpages.Link{Label: label, URL: cause.url(), Selected: cause == filter, Count: &adminpages.Count{N: count}})
	}
	slices.SortFunc(page.Causes, func(a, b adminpages.Link) int { return strings.Compare(a.Label, b.Label) })
	if filter != (deadFilter{}) {
		page.ClearURL = deadFilter{}.url()
	}
	return page, nil
}

// WorkDeadLetters tries the chosen dead letters again, or discards them, once somebody has
// said yes, and tells of each in the history.
func (b *Backoffice) WorkDeadLetters(c *fiber.Ctx) error {
	ctx, filter := c.UserContext(), deadFilterOf(c.FormValue)
	chosen, err := b.chosenDead(c, filter)
	if err != nil {
		return err
	}
	work, did, done, label := b.Queue.Discard, "Discarded", "%d dead letters discarded.", "Discard"
	switch c.FormValue("action") {
	case "discard":
	case "retry":
		work, did, done, label = b.Queue.Retry, "Tried again", "%d dead letters are tried again.", "Try again"
		chosen = slices.DeleteFunc(chosen, func(letter workers.DeadJob) bool { return !letter.Retries() })
	default:
		return problem.New(problem.Invalid, "invalid", "This action does not exist.")
	}
	if len(chosen) > 0 && c.FormValue("confirm") != "yes" {
		return b.askDead(c, filter, chosen, label)
	}
	worked, err := work(ctx, chosen)
	if err != nil {
		return err
	}
	if err := b.Outbox.RecordDeadLetters(ctx, did, deadLabels(worked)); err != nil {
		return err
	}
	tone := models.TonePositive
	if len(worked) == 0 {
		tone = models.ToneWarning
	}
	if err := b.flash(c, tone, i18n.T(ctx, done, len(worked))); err != nil {
		return err
	}
	return c.Redirect(filter.url(), fiber.StatusSeeOther)
}

// chosenDead are the dead letters that a form names by their keys, or all that its filter
// leaves.
func (b *Backoffice) chosenDead(c *fiber.Ctx, filter deadFilter) ([]workers.DeadJob, error) {
	keys := map[string]bool{}
	for _, key := range c.Request().PostArgs().PeekMulti("key") {
		keys[string(key)] = true
	}
	all := c.FormValue("all") == "1"
	letters, err := b.Queue.DeadLetters(c.UserContext())
	return slices.DeleteFunc(letters, func(letter workers.DeadJob) bool { return !filter.fits(letter) || !all && !keys[letter.Key] }), err
}

// askDead asks before something is done with dead letters.
func (b *Backoffice) askDead(c *fiber.Ctx, filter deadFilter, chosen []workers.DeadJob, label string) error {
	ctx := c.UserContext()
	confirm := adminpages.Confirm{
		Title: i18n.T(ctx, "%s: all %d?", i18n.T(ctx, label), len(chosen)), Question: i18n.T(ctx, "No mail is lost with them: the database holds every one."),
		Harmless: c.FormValue("action") == "retry", URL: deadURL, CancelURL: filter.url(), Submit: i18n.T(ctx, label),
		Params: []adminpages.Param{{Name: "action", Value: c.FormValue("action")}, {Name: "confirm", Value: "yes"}},
	}
	for name, values := range filter.params() {
		confirm.Params = append(confirm.Params, adminpages.Param{Name: name, Value: values[0]})
	}
	for _, letter := range chosen {
		confirm.Params = append(confirm.Params, adminpages.Param{Name: "key", Value: letter.Key})
	}
	labels := deadLabels(chosen)
	confirm.Objects = labels[:min(len(labels), 20)]
	if more := len(labels) - len(confirm.Objects); more > 0 {
		confirm.Objects = append(slices.Clone(confirm.Objects), i18n.T(ctx, "and %d more", more))
	}
	var err error
	if confirm.Frame, err = b.frame(c, i18n.T(ctx, label), layout.Crumb{Label: i18n.T(ctx, "Mail queue"), URL: queueURL}, layout.Crumb{Label: i18n.T(ctx, "Dead letters")}); err != nil {
		return err
	}
	return admin.Render(c, adminpages.ConfirmPage(confirm))
}

// deadLabels name dead letters: by the job, and by what is wrong with it.
func deadLabels(letters []workers.DeadJob) []string {
	labels := make([]string, len(letters))
	for i, letter := range letters {
		labels[i] = strings.TrimPrefix(letter.Name+" "+letter.ID+": "+letter.Error, " : ")
	}
	return labels
}
