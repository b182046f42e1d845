package backoffice

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
)

// Dashboard is the back office's first page.
func (b *Backoffice) Dashboard(c *fiber.Ctx) error {
	ctx := c.UserContext()
	overview, err := b.Contact.Overview(ctx)
	if err != nil {
		return err
	}
	health, err := b.Outbox.Health(ctx)
	if err != nil {
		return err
	}
	frame, err := b.frame(c, i18n.T(ctx, "Dashboard"), layout.Crumb{Label: i18n.T(ctx, "Dashboard")})
	if err != nil {
		return err
	}
	page := staff.Dashboard{
		Frame: frame, Greeting: i18n.T(ctx, "Hello, %s", frame.User), ChartTitle: i18n.T(ctx, "Messages per day"),
		Tiles: []staff.Tile{b.waitingTile(ctx, health), b.workersTile(ctx)},
	}
	if !models.ActorOf(ctx).Rights.May(models.View, models.ContactSlug) {
		return admin.Render(c, staff.DashboardPage(page)) // of the inbox not even numbers
	}
	page.Tiles = append(b.contactTiles(ctx, overview), page.Tiles...)
	for _, day := range overview.Days {
		page.Days = append(page.Days, staff.ChartDay{Date: day.Date, Sent: day.Sent, Failed: day.Failed})
	}
	return admin.Render(c, staff.DashboardPage(page))
}

func (b *Backoffice) contactTiles(ctx context.Context, overview *services.ContactOverview) []staff.Tile {
	failed := staff.Tile{
		Label: i18n.T(ctx, "Failed, need you"), Value: i18n.Number(ctx, overview.Failed), Alarm: overview.Failed > 0,
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

func (b *Backoffice) waitingTile(ctx context.Context, health services.OutboxHealth) staff.Tile {
	tile := staff.Tile{
		Label: i18n.T(ctx, "Mail waiting"), Value: i18n.Number(ctx, int(health.Waiting)), URL: "/admin/queue/",
		Hint: i18n.T(ctx, "nothing waits"), Alarm: health.OldestWaiting > time.Minute,
	}
	if health.Waiting > 0 {
		tile.Hint = i18n.T(ctx, "oldest: %s", i18n.Ago(ctx, b.Now(), b.Now().Add(-health.OldestWaiting)))
	}
	return tile
}

func (b *Backoffice) workersTile(ctx context.Context) staff.Tile {
	tile := staff.Tile{Label: i18n.T(ctx, "Workers alive"), URL: "/admin/queue/"}
	status, err := b.Queue.Status(ctx)
	if err != nil {
		tile.Value, tile.Alarm = "?", true
		tile.Hint = i18n.T(ctx, "Redis does not answer")
		return tile
	}
	alive := status.Alive(b.Now())
	tile.Value, tile.Alarm = i18n.Number(ctx, alive), alive == 0
	tile.Hint = i18n.T(ctx, "%d jobs set aside", int(status.DeadTotal))
	return tile
}
