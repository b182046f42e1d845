package backoffice

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/handlers/api"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
	"digitalpath/views/ui"
)

// PreviewProject shows staff what the API answers a user who asks for a project.
func (b *Backoffice) PreviewProject(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil {
		return problem.ErrNotFound()
	}
	project, err := b.Projects.Get(ctx, id)
	if err != nil {
		return err
	}
	login := strings.TrimSpace(c.Query("user"))
	page := staff.Preview{
		User: ui.Field{
			Name: "user", Label: i18n.T(ctx, "User"), Control: ui.ControlLookup, LookupURL: "/admin/" + models.UsersSlug + "/autocomplete/", Value: login,
			Help: i18n.T(ctx, "A username or an e-mail address."), Required: true, Autocomplete: "off",
		},
		From:    c.Query("from"),
		Request: fmt.Sprintf("GET /api/projects/%d/", id),
	}
	switch {
	case login == "" && c.Context().QueryArgs().Has("user"):
		page.User.Errors = []string{i18n.T(ctx, "This field is required.")}
	case login != "":
		if err := b.preview(ctx, &page, id, login); err != nil {
			return err
		}
	}
	url := fmt.Sprintf("/admin/%s/%d/", models.ProjectsSlug, id)
	page.Frame, err = b.frame(c, i18n.T(ctx, "Client preview"), layout.Crumb{Label: i18n.T(ctx, "Projects"), URL: "/admin/" + models.ProjectsSlug + "/"},
		layout.Crumb{Label: project.Name, URL: admin.KeepPlace(c, url)}, layout.Crumb{Label: i18n.T(ctx, "Client preview")})
	if err != nil {
		return err
	}
	return admin.Render(c, staff.PreviewPage(page))
}

// preview asks the API as the user would.
func (b *Backoffice) preview(ctx context.Context, page *staff.Preview, id int64, login string) error {
	actor, err := b.Users.Impersonate(ctx, login)
	if p, ok := problem.As(err); ok {
		page.User.Errors = []string{admin.Words(ctx, p.Message)}
		return nil
	}
	if err != nil {
		return err
	}
	asked := models.WithActor(ctx, actor)
	page.Answer, err = api.PreviewProject(asked, b.Projects, id)
	if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
		page.Refusal = i18n.T(ctx, "For %s this project does not exist: the answer is 404.", actor.User.Username)
		return nil
	}
	return err
}
