package backoffice

import (
	"fmt"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/services/waitlist"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
)

// growthSpans are the days that the chart can look back; the first one is shown where
// the URL names none.
var growthSpans = []int{30, 90, 365}

// GrowthPage shows how the waitlist grows, and where people come from.
func (b *Backoffice) GrowthPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	span := growthSpans[0]
	for _, days := range growthSpans {
		if c.Query("days") == strconv.Itoa(days) {
			span = days
		}
	}
	growth, err := b.Waitlist.Growth(ctx, span, i18n.Zone(ctx))
	if err != nil {
		return err
	}
	frame, err := b.waitlistFrame(c, "Growth")
	if err != nil {
		return err
	}
	page := staff.Growth{Frame: frame, Tiles: waitlistTiles(ctx, growth.Counts)}
	for _, days := range growthSpans {
		page.Spans = append(page.Spans, staff.Tab{
			Label: i18n.T(ctx, "%d days", days), URL: fmt.Sprintf("%s?days=%d", growthURL, days), Selected: days == span,
		})
	}
	joined := 0
	for _, day := range growth.Days {
		joined += day.Joined
		page.Days = append(page.Days, staff.GrowthDay{Date: day.Date, Joined: day.Joined, Total: day.Total})
	}
	page.SourcesTitle = i18n.T(ctx, "Where they came from")
	if joined > waitlist.SourcesOf {
		page.SourcesTitle = i18n.T(ctx, "Where the newest %d came from", waitlist.SourcesOf)
	}
	for _, source := range growth.Sources {
		if source.Name == "" {
			source.Name = i18n.T(ctx, "Unknown")
		}
		page.Sources = append(page.Sources, staff.Source{Name: source.Name, Joined: source.Joined})
	}
	return admin.Render(c, staff.GrowthPage(page))
}
