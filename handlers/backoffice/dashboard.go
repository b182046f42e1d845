package backoffice

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/contact"
	"digitalpath/services/outbox"
	"digitalpath/services/projects"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
)

// shownProjects is how many projects the dashboard shows.
const shownProjects = 6

// Dashboard is the back office's first page. Of what somebody may not view it tells
// not even numbers.
func (b *Backoffice) Dashboard(c *fiber.Ctx) error {
	ctx := c.UserContext()
	frame, err := b.frame(c, i18n.T(ctx, "Dashboard"), layout.Crumb{Label: i18n.T(ctx, "Dashboard")})
	if err != nil {
		return err
	}
	page := staff.Dashboard{Frame: frame, Greeting: i18n.T(ctx, "Hello, %s", frame.User)}
	for _, part := range []struct {
		slug string
		add  func(context.Context, *staff.Dashboard) error
	}{{models.ContactSlug, b.addContact}, {models.WaitlistSlug, b.addWaitlist}, {models.ContactSlug, b.addMail}, {models.ProjectsSlug, b.addProjects}, {historySlug, b.addChanges}} {
		if models.ActorOf(ctx).Rights.May(models.View, part.slug) {
			if err := part.add(ctx, &page); err != nil {
				return err
			}
		}
	}
	return admin.Render(c, staff.DashboardPage(page))
}

func (b *Backoffice) addContact(ctx context.Context, page *staff.Dashboard) error {
	overview, err := b.Contact.Overview(ctx, i18n.Zone(ctx))
	if err != nil {
		return err
	}
	page.Tiles = append(page.Tiles, b.contactTiles(ctx, overview)...)
	page.Messages = &staff.Chart{
		Title: i18n.T(ctx, "Messages per day"), Step: i18n.T(ctx, "Day"),
		Parts: []staff.Part{{Label: i18n.T(ctx, "Sent"), Tone: models.TonePositive}, {Label: i18n.T(ctx, "Waiting"), Tone: models.ToneWarning}, {Label: i18n.T(ctx, "Failed"), Tone: models.ToneNegative}},
		Empty: i18n.T(ctx, "No messages in these days."), Hint: i18n.T(ctx, "Messages from the website's contact form appear here."),
	}
	for _, day := range overview.Days {
		page.Messages.Bars = append(page.Messages.Bars, dayBar(ctx, models.ContactSlug, day.Date, day.Sent, day.Pending, day.Failed))
	}
	return nil
}

// dayBar leads to the rows of a model of that day.
func dayBar(ctx context.Context, slug string, day time.Time, values ...int) staff.Bar {
	date := day.Format(time.DateOnly)
	return staff.Bar{
		Label: i18n.Day(ctx, day), Values: values,
		URL: "/admin/" + slug + "/?" + url.Values{"created_at__gte": {date}, "created_at__lte": {date}, "tz": {i18n.Zone(ctx).String()}}.Encode(),
	}
}

// shownItems is how many rows a panel of the dashboard shows, shownDays how far back its
// charts go.
const (
	shownItems = 5
	shownDays  = 14
)

// addMail shows the mail, and what keeps it back.
func (b *Backoffice) addMail(ctx context.Context, page *staff.Dashboard) error {
	health, err := b.Outbox.Health(ctx)
	if err != nil {
		return err
	}
	page.Tiles = append(page.Tiles, b.waitingTile(ctx, health), b.workersTile(ctx, health))
	latest, err := b.Contact.Latest(ctx, shownItems)
	if err != nil {
		return err
	}
	panel := staff.ItemPanel{Title: i18n.T(ctx, "Latest messages")}
	for _, m := range latest {
		panel.Items = append(panel.Items, staff.Item{Title: m.Name, Note: m.Message, At: m.CreatedAt, URL: fmt.Sprintf("/admin/contact-messages/%d/?from=", m.ID)})
	}
	page.Panels = append(page.Panels, panel)
	if !models.ActorOf(ctx).Rights.May(models.View, outbox.QueueSlug) {
		return nil
	}
	causes, err := b.causes(ctx)
	page.Panels = append(page.Panels, staff.ItemPanel{Title: i18n.T(ctx, "What keeps mail back"), Items: causes})
	return err
}

// addChanges shows what was changed last.
func (b *Backoffice) addChanges(ctx context.Context, page *staff.Dashboard) error {
	entries, err := models.LatestHistory(ctx, b.Site.DB, shownItems)
	if err != nil {
		return err
	}
	panel := staff.ItemPanel{Title: i18n.T(ctx, "Recent changes")}
	for _, e := range entries {
		action := models.ChoiceOf(e.Action, string(e.Action))
		note := i18n.T(ctx, action.Label)
		if e.Username != "" {
			note += " · " + e.Username
		}
		panel.Items = append(panel.Items, staff.Item{Title: e.ObjectLabel, Note: note, At: e.At, URL: fmt.Sprintf("/admin/history/%d/", e.ID)})
	}
	page.Panels = append(page.Panels, panel)
	return nil
}

func (b *Backoffice) addWaitlist(ctx context.Context, page *staff.Dashboard) error {
	counts, err := b.Waitlist.Counts(ctx)
	if err != nil {
		return err
	}
	days, err := b.Waitlist.Joined(ctx, shownDays, i18n.Zone(ctx))
	if err != nil {
		return err
	}
	page.Joined = &staff.Chart{Title: i18n.T(ctx, "Joined the waitlist"), Step: i18n.T(ctx, "Day"), Parts: []staff.Part{{Label: i18n.T(ctx, "Joined"), Tone: models.TonePositive}}}
	for _, day := range days {
		page.Joined.Bars = append(page.Joined.Bars, dayBar(ctx, models.WaitlistSlug, day.Date, day.Joined))
	}
	page.Tiles = append(page.Tiles, staff.Tile{
		Label: i18n.T(ctx, "Wait for an invitation"), Value: i18n.Number(ctx, counts.Waiting), URL: "/admin/waitlist/",
		Hint: i18n.T(ctx, "%d were invited", counts.Invited),
	})
	return nil
}

// addProjects shows the projects under way that were worked on last.
func (b *Backoffice) addProjects(ctx context.Context, page *staff.Dashboard) error {
	list, err := b.Projects.List(ctx, projects.Filter{
		Statuses: []models.ProjectStatus{models.ProjectActive, models.ProjectPlanning, models.ProjectOnHold},
		Ordering: "-updated_at", PageSize: shownProjects,
	})
	if err != nil {
		return err
	}
	odd, err := b.Projects.Contradictory(ctx, shownItems)
	if err != nil {
		return err
	}
	panel := staff.ItemPanel{Title: i18n.T(ctx, "Late or contradictory projects")}
	for _, p := range odd {
		note := i18n.T(ctx, "Completed, with a progress of %d %%", p.Progress)
		if p.Status != models.ProjectCompleted {
			note = i18n.T(ctx, "Due %s", p.DueDate)
		}
		panel.Items = append(panel.Items, staff.Item{Title: p.Name, Note: note, URL: fmt.Sprintf("/admin/projects/%d/", p.ID)})
	}
	page.Panels = append(page.Panels, panel)
	for _, project := range list.Rows {
		page.Projects = append(page.Projects, staff.Progress{
			Name: project.Name, Percent: strconv.Itoa(project.Progress), URL: fmt.Sprintf("/admin/projects/%d/", project.ID),
		})
	}
	return nil
}

func (b *Backoffice) contactTiles(ctx context.Context, overview *contact.Overview) []staff.Tile {
	failed := staff.Tile{
		Label: i18n.T(ctx, "Failed, need you"), Value: countText(ctx, overview.Failed), Alarm: overview.Failed > 0,
		URL: "/admin/contact-messages/?status=failed", Hint: i18n.T(ctx, "nothing to do"),
	}
	if overview.Failed > 0 {
		failed.Hint = i18n.T(ctx, "oldest: %s", i18n.Ago(ctx, b.Now(), overview.Oldest))
	}
	return []staff.Tile{{
		Label: i18n.T(ctx, "Messages, last 14 days"), Value: i18n.Number(ctx, overview.Received),
		Hint: i18n.T(ctx, "%d in the 14 days before", overview.Before), URL: "/admin/contact-messages/",
	}, failed}
}

// countText is "1,000+" where counting stopped.
func countText(ctx context.Context, count outbox.Count) string {
	number, more := count.Exact()
	if more {
		return i18n.Number(ctx, number) + "+"
	}
	return i18n.Number(ctx, number)
}

func (b *Backoffice) waitingTile(ctx context.Context, health outbox.Health) staff.Tile {
	tile := staff.Tile{
		Label: i18n.T(ctx, "Mail waiting"), Value: countText(ctx, health.Waiting), URL: "/admin/queue/",
		Hint: i18n.T(ctx, "nothing waits"), Alarm: health.OldestWaiting > time.Minute,
	}
	if health.Waiting > 0 {
		tile.Hint = i18n.T(ctx, "oldest: %s", i18n.Ago(ctx, b.Now(), b.Now().Add(-health.OldestWaiting)))
	}
	return tile
}

func (b *Backoffice) workersTile(ctx context.Context, health outbox.Health) staff.Tile {
	tile := staff.Tile{Label: i18n.T(ctx, "Workers alive"), URL: "/admin/queue/"}
	status, err := b.Queue.Status(ctx)
	if err != nil {
		tile.Value, tile.Alarm = "?", true
		tile.Hint = i18n.T(ctx, "Redis does not answer")
		return tile
	}
	alive := status.Alive(b.Now())
	tile.Value, tile.Alarm = i18n.Number(ctx, alive), alive == 0
	dead, _ := health.Dead.Exact()
	tile.Hint = i18n.T(ctx, "%d dead letters", dead)
	return tile
}
