package backoffice

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/handlers/api"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/projects"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/staff"
	"digitalpath/views/ui"
)

// projectsModel declares the clients' projects. What belongs to one is saved with it.
func (b *Backoffice) projectsModel() *admin.Model[models.Project] {
	return &admin.Model[models.Project]{
		Slug: models.ProjectsSlug, Name: "Project", Plural: "Projects", Group: "Work", Icon: "folder",
		List:    []string{"name", "status", "progress", "budget", "due_date", "created_at"},
		Bars:    []string{"progress"},
		Filters: []string{"status", "created_at"},
		Search:  []string{"name", "description", "client_company"},
		Dates:   "created_at",
		Needs:   func(now time.Time) (string, []any) { return projects.Needing, []any{now.Format(time.DateOnly)} },
		Fieldsets: []admin.Fieldset{
			{Title: "Basic information", Fields: []string{"name", "status", "due_date", "progress", "description"}},
			{Title: "Project details", Fields: []string{"budget", "implementation_time", "last_update", "full_scope", "created_at", "updated_at"}},
			{Title: "Team", Fields: []string{"digitalpath_responsible", "client_responsible", "client_company", "team_size"}, Aside: true},
			{Title: "Tasks", Fields: []string{"tasks_total", "tasks_completed"}, Aside: true},
		},
		ReadOnly: []string{"created_at", "updated_at"},
		Labels: map[string]string{
			"digitalpath_responsible": "DigitalPath responsible", "tasks_total": "Total", "tasks_completed": "Completed", "created_at": "Created", "updated_at": "Updated",
		},
		Inputs: map[string]admin.Input{"progress": {Help: "Per cent, from 0 to 100."}},
		Inlines: []admin.Inline{
			admin.Tabular[models.DataSource]{Name: "data_sources", Title: "Data sources", Fields: []string{"name", "type", "description"}, Order: "order"},
			admin.Tabular[models.Report]{Name: "reports", Title: "Reports", Fields: []string{"name", "frequency", "description"}, Order: "order"},
			admin.Tabular[models.Analytic]{Name: "analytics", Title: "Analytics", Fields: []string{"name", "type", "description"}, Order: "order"},
			admin.Stacked[models.AIIntegration]{Name: "ai_integration", Title: "AI integration", Fields: []string{"enabled", "features", "models"},
				Inputs: map[string]admin.Input{"features": {Help: "One per line."}, "models": {Help: "One per line."}}},
			admin.Tabular[models.ProjectMember]{Name: "members", Title: "Members", Fields: []string{"user_id", "role"},
				Labels: map[string]string{"user_id": "User"}, Inputs: map[string]admin.Input{"user_id": {Ref: models.UsersSlug}}},
		},
		Excerpt: "client_company", Hint: "Add the first project, or let a client create it by the API.",
		New: models.NewProject, Import: &admin.Import[models.Project]{Key: "name"}, Rows: b.Projects.Rows(), SaveAsNew: true,
		Warnings: contradiction,
		RowLinks: []admin.Link{{Label: "Client preview", URL: "preview/", Get: b.PreviewProject}},
	}
}

// contradiction is shown where the tasks are.
func contradiction(p *models.Project) problem.Fields {
	if text := p.Contradiction(); text.Format != "" {
		return problem.Fields{"tasks_total": {text}}
	}
	return nil
}

// PreviewProject shows staff what a user who asks for a project gets of it, as a page and
// as the API answers.
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
	members, err := b.Projects.Members(ctx, id)
	if err != nil {
		return err
	}
	for _, m := range members {
		role := models.ChoiceOf(m.Role, string(m.Role))
		page.Members = append(page.Members, adminpages.Link{
			Label: m.User.Username + " · " + i18n.T(ctx, role.Label), Selected: login == m.User.Username,
			URL: "?" + url.Values{"user": {m.User.Username}, "from": {page.From}}.Encode(),
		})
	}
	switch {
	case login == "" && c.Context().QueryArgs().Has("user"):
		page.User.Errors = []string{i18n.T(ctx, "This field is required.")}
	case login != "":
		if err := b.preview(ctx, &page, id, login); err != nil {
			return err
		}
	}
	back := fmt.Sprintf("/admin/%s/%d/", models.ProjectsSlug, id)
	page.Frame, err = b.frame(c, i18n.T(ctx, "Client preview"), layout.Crumb{Label: i18n.T(ctx, "Projects"), URL: "/admin/" + models.ProjectsSlug + "/"},
		layout.Crumb{Label: project.Name, URL: admin.KeepPlace(c, back)}, layout.Crumb{Label: i18n.T(ctx, "Client preview")})
	if err != nil {
		return err
	}
	return admin.Render(c, staff.PreviewPage(page))
}

// preview asks for the project as the user would.
func (b *Backoffice) preview(ctx context.Context, page *staff.Preview, id int64, login string) error {
	actor, err := b.Users.Impersonate(ctx, login)
	if p, ok := problem.As(err); ok {
		page.User.Errors = []string{admin.Words(ctx, p.Message)}
		return nil
	}
	if err != nil {
		return err
	}
	seen, err := b.Projects.Get(models.WithActor(ctx, actor), id)
	if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
		page.Refusal = i18n.T(ctx, "For %s this project does not exist: the answer is 404.", actor.User.Username)
		return nil
	}
	if err != nil {
		return err
	}
	page.Project = seenProject(ctx, seen)
	page.Answer, err = api.PreviewProject(seen)
	return err
}

// seenProject sets out a project as its client would read it. What is empty is left out.
func seenProject(ctx context.Context, p *models.Project) *staff.SeenProject {
	status := models.ChoiceOf(p.Status, string(p.Status))
	seen := &staff.SeenProject{
		Name: p.Name, Company: p.ClientCompany, Description: p.Description, Scope: p.FullScope, Progress: strconv.Itoa(p.Progress),
		Status: ui.Badge{Value: status.Value, Label: i18n.T(ctx, status.Label), Tone: status.Tone},
	}
	tasks := ""
	if p.TasksTotal > 0 {
		tasks = i18n.T(ctx, "%d of %d", p.TasksCompleted, p.TasksTotal)
	}
	for _, fact := range []staff.Fact{
		{Label: "Due date", Value: p.DueDate}, {Label: "Tasks", Value: tasks}, {Label: "Team size", Value: i18n.Number(ctx, p.TeamSize)},
		{Label: "Budget", Value: p.Budget}, {Label: "Implementation time", Value: p.ImplementationTime}, {Label: "Last update", Value: p.LastUpdate},
		{Label: "DigitalPath responsible", Value: p.DigitalpathResponsible}, {Label: "Client responsible", Value: p.ClientResponsible},
	} {
		if fact.Label = i18n.T(ctx, fact.Label); fact.Value != "" {
			seen.Facts = append(seen.Facts, fact)
		}
	}
	add := func(title string, items []staff.SeenItem) {
		if len(items) > 0 {
			seen.Parts = append(seen.Parts, staff.SeenPart{Title: i18n.T(ctx, title), Items: items})
		}
	}
	add("Data sources", seenItems(p.DataSources, func(s models.DataSource) staff.SeenItem {
		return staff.SeenItem{Name: s.Name, Kind: s.Type, Text: s.Description}
	}))
	add("Reports", seenItems(p.Reports, func(r models.Report) staff.SeenItem {
		return staff.SeenItem{Name: r.Name, Kind: r.Frequency, Text: r.Description}
	}))
	add("Analytics", seenItems(p.Analytics, func(a models.Analytic) staff.SeenItem {
		return staff.SeenItem{Name: a.Name, Kind: a.Type, Text: a.Description}
	}))
	if ai := p.AIIntegration; ai != nil && ai.Enabled {
		named := func(kind string) func(string) staff.SeenItem {
			return func(name string) staff.SeenItem { return staff.SeenItem{Name: name, Kind: i18n.T(ctx, kind)} }
		}
		add("AI integration", slices.Concat(seenItems(ai.Features, named("Feature")), seenItems(ai.Models, named("Model"))))
	}
	return seen
}

func seenItems[T any](rows []T, item func(T) staff.SeenItem) []staff.SeenItem {
	items := make([]staff.SeenItem, len(rows))
	for i, row := range rows {
		items[i] = item(row)
	}
	return items
}
