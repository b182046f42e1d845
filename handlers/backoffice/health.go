package backoffice

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/doctor"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
	"digitalpath/views/ui"
)

const (
	healthURL  = "/admin/health/"
	healthSlug = "health"
	// examineTime leaves the request time to draw what was found.
	examineTime = 3500 * time.Millisecond
)

// stateBadges are what a finding's state looks like.
var stateBadges = map[doctor.State]ui.Badge{
	doctor.OK:      {Label: "All right", Tone: models.TonePositive},
	doctor.Warning: {Label: "Look at it", Tone: models.ToneWarning},
	doctor.Failed:  {Label: "Broken", Tone: models.ToneNegative},
}

// HealthPage looks at everything, as the command doctor does, each time that it is read.
func (b *Backoffice) HealthPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	looking, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	findings := b.Doctor.Examine(looking, doctor.Questions{})
	frame, err := b.frame(c, i18n.T(ctx, "Health"), layout.Crumb{Label: i18n.T(ctx, "System")}, layout.Crumb{Label: i18n.T(ctx, "Health")})
	if err != nil {
		return err
	}
	page := staff.Health{Frame: frame, URL: healthURL}
	for _, f := range findings {
		badge := stateBadges[f.State]
		badge.Value, badge.Label = string(f.State), i18n.T(ctx, badge.Label)
		page.Findings = append(page.Findings, staff.HealthFinding{
			What: i18n.T(ctx, f.What.Format), Badge: badge,
			Evidence: i18n.T(ctx, f.Evidence.Format, f.Evidence.Args...), Remedy: i18n.T(ctx, f.Remedy.Format, f.Remedy.Args...),
		})
	}
	return admin.Render(c, staff.HealthPage(page))
}
