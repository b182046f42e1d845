package backoffice

import (
	"context"
	"strings"
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
	tokenURL   = healthURL + "token/"
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
	return admin.Render(c, staff.HealthPage(staff.Health{Frame: frame, URL: healthURL, TokenURL: tokenURL, Findings: shownFindings(ctx, findings)}))
}

func shownFindings(ctx context.Context, findings []doctor.Finding) []staff.HealthFinding {
	shown := make([]staff.HealthFinding, len(findings))
	for i, f := range findings {
		badge := stateBadges[f.State]
		badge.Value, badge.Label = string(f.State), i18n.T(ctx, badge.Label)
		shown[i] = staff.HealthFinding{
			What: i18n.T(ctx, f.What.Format), Badge: badge,
			Evidence: i18n.T(ctx, f.Evidence.Format, f.Evidence.Args...), Remedy: i18n.T(ctx, f.Remedy.Format, f.Remedy.Args...),
		}
	}
	return shown
}

// TokenPage asks for a token, and where one is sent tells why it is refused. Nothing of
// it is kept, and it comes in a body alone.
func (b *Backoffice) TokenPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	title := i18n.T(ctx, "Inspect a token")
	frame, err := b.frame(c, title, layout.Crumb{Label: i18n.T(ctx, "System")}, layout.Crumb{Label: i18n.T(ctx, "Health"), URL: healthURL}, layout.Crumb{Label: title})
	if err != nil {
		return err
	}
	findings := b.Doctor.Token(ctx, strings.TrimSpace(c.FormValue("token")))
	return admin.Render(c, staff.TokenPage(staff.Health{Frame: frame, TokenURL: tokenURL, Findings: shownFindings(ctx, findings)}))
}
