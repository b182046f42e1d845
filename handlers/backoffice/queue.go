package backoffice

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
)

const queueURL = "/admin/queue/"

// QueuePage shows what waits to be mailed, who works on it, and the dead letters.
func (b *Backoffice) QueuePage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	health, err := b.Outbox.Health(ctx)
	if err != nil {
		return err
	}
	frame, err := b.frame(c, i18n.T(ctx, "Mail queue"), layout.Crumb{Label: i18n.T(ctx, "System")}, layout.Crumb{Label: i18n.T(ctx, "Mail queue")})
	if err != nil {
		return err
	}
	page := staff.Queue{Frame: frame, Tiles: []staff.Tile{b.waitingTile(ctx, health), {
		Label: i18n.T(ctx, "Failed"), Value: countText(ctx, health.Failed), Alarm: health.Failed > 0,
	}, b.workersTile(ctx)}}
	status, err := b.Queue.Status(ctx)
	if err != nil {
		page.Notice = i18n.T(ctx, "Redis does not answer. Mail goes out from the web process meanwhile.")
	}
	for _, w := range status.Workers {
		page.Workers = append(page.Workers, staff.Worker{
			Name: fmt.Sprintf("%s:%d", w.Host, w.PID), Started: w.StartedAt, LastBeat: w.LastBeat, Senders: w.Senders, Busy: w.Busy, Gone: !w.Alive(b.Now()),
		})
	}
	if models.ActorOf(ctx).Rights.May(models.Change, models.ContactSlug) {
		page.DiscardURL = queueURL + "discard/"
	}
	for _, job := range status.Dead {
		page.DeadJobs = append(page.DeadJobs, staff.DeadJob{Name: job.Name, ID: job.ID, Error: job.Error, At: job.DiedAt})
	}
	return admin.Render(c, staff.QueuePage(page))
}

// DiscardDeadLetters forgets the dead letters, and says so in the history.
func (b *Backoffice) DiscardDeadLetters(c *fiber.Ctx) error {
	ctx := c.UserContext()
	count, err := b.Queue.Discard(ctx)
	if err != nil {
		return err
	}
	if err := b.Outbox.RecordDiscard(ctx, count); err != nil {
		return err
	}
	if err := b.flash(c, models.TonePositive, i18n.T(ctx, "%d dead letters discarded.", count)); err != nil {
		return err
	}
	return c.Redirect(queueURL, fiber.StatusSeeOther)
}
