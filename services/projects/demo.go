package projects

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// Demo loads two projects with everything that belongs to one, and enough others to
// page through. It returns how many it added: none where they are there already.
func (s *Service) Demo(ctx context.Context) (int, error) {
	all := append(demoProjects(), demoPortfolio()...)
	there, err := s.DB.NewSelect().Model((*models.Project)(nil)).Where("name = ?", all[0].Name).Exists(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for demo projects: %w", err)
	}
	if there {
		return 0, nil
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for i := len(all) - 1; i >= 0; i-- { // the first one is the newest
			rows := s.Rows()
			rows.Now = func() time.Time { return s.Now().Add(-time.Duration(i*i%11+i*37) * time.Hour) }
			if _, err := rows.AddIn(ctx, tx, func(project *models.Project) error { *project = *all[i]; return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	return len(all), err
}

func demoItem(order int, name, description string) models.ProjectItem {
	return models.ProjectItem{Name: name, Description: description, Order: order}
}

// demoProjects are the two projects to look at closely.
func demoProjects() []*models.Project {
	return []*models.Project{{
		Name: "Member Care Analytics", Status: models.ProjectActive, Progress: 75, DueDate: "End of June", TeamSize: 6,
		Description:            "One view of claims, appointments and member contacts for a health fund, so that care teams see who needs a call.",
		DigitalpathResponsible: "Ines Carvalho", ClientResponsible: "Dr. Paul Whitfield", ClientCompany: "Southern Coast Health Fund",
		TasksTotal: 24, TasksCompleted: 18, Budget: "AUD 240,000", ImplementationTime: "6 months", LastUpdate: "Pilot with two clinics is running",
		FullScope: "Data platform on the fund's own cloud, nightly loads, a risk score per member, dashboards for care teams and the board, and a hand-over to the fund's analysts.",
		DataSources: []models.DataSource{
			{ProjectItem: demoItem(1, "Claims system", "Ten years of claims, copied every night."), Type: "PostgreSQL"},
			{ProjectItem: demoItem(2, "Appointment book", "Bookings of 34 clinics, within a minute."), Type: "HL7 FHIR"},
			{ProjectItem: demoItem(3, "Contact centre", "Calls and letters, without their text."), Type: "CSV files"},
		},
		Reports: []models.Report{
			{ProjectItem: demoItem(1, "Care team worklist", "Members to call this week, with the reason."), Frequency: "Daily"},
			{ProjectItem: demoItem(2, "Board report", "Cost and outcome by programme."), Frequency: "Monthly"},
		},
		Analytics: []models.Analytic{
			{ProjectItem: demoItem(1, "Readmission risk", "Chance of a second stay within 30 days."), Type: "Prediction"},
			{ProjectItem: demoItem(2, "Cost by programme", "What each programme saves, and where."), Type: "Descriptive"},
			{ProjectItem: demoItem(3, "No-show pattern", "Which appointments are likely to be missed."), Type: "Classification"},
		},
		AIIntegration: &models.AIIntegration{
			Enabled: true, Features: []string{"Summaries of a member's history", "Questions in plain language"}, Models: []string{"Gradient boosting", "Sentence embeddings"},
		},
	}, {
		Name: "Store Demand Forecast", Status: models.ProjectPlanning, Progress: 20, DueDate: "Before the summer peak", TeamSize: 4,
		Description:            "Forecasts per store and article in place of spreadsheets, with the orders that follow from them.",
		DigitalpathResponsible: "Henrik Aas", ClientResponsible: "Marta Olsen", ClientCompany: "Nordlys Retail",
		TasksTotal: 15, TasksCompleted: 3, Budget: "EUR 130,000", ImplementationTime: "4 months", LastUpdate: "Sales history of 60 stores received",
		FullScope: "Cleaning of three years of sales, a forecast per store and week, suggestions for orders, and training for the planners.",
		DataSources: []models.DataSource{
			{ProjectItem: demoItem(1, "Till receipts", "Every sale of three years."), Type: "Parquet files"},
			{ProjectItem: demoItem(2, "Weather", "Observed and forecast, by town."), Type: "REST API"},
		},
		Reports: []models.Report{
			{ProjectItem: demoItem(1, "Order suggestions", "What each store should order, and why."), Frequency: "Weekly"},
			{ProjectItem: demoItem(2, "Forecast accuracy", "How far off last week was."), Frequency: "Weekly"},
		},
		Analytics: []models.Analytic{
			{ProjectItem: demoItem(1, "Demand by article", "Pieces per store and week, with a range."), Type: "Forecast"},
			{ProjectItem: demoItem(2, "Effect of promotions", "What a price cut adds, and what it only moves."), Type: "Causal"},
		},
		AIIntegration: &models.AIIntegration{Features: []string{"Explanations of unusual weeks"}, Models: []string{"Seasonal regression"}},
	}}
}

// demoClients and demoThemes are combined to the other projects.
var demoClients = []string{
	"Alder & Finch Insurance", "Banco del Puerto", "Cobalt Logistics", "Delta Water Utility", "Everglen Schools",
	"Fjord Seafood", "Granite Construction Group", "Harbour City Council", "Ibérica Seguros", "Juniper Hotels",
}

var demoThemes = []struct{ name, description string }{
	{"Contract Review Assistant", "Finds unusual clauses in contracts and says where they differ from the house's own."},
	{"Customer Churn Radar", "Tells a week ahead which customers are about to leave, and what might keep them."},
	{"Invoice Automation", "Reads invoices, matches them with orders, and leaves only the odd ones to people."},
	{"Energy Use Dashboard", "Shows every site's use by hour, against weather and last year."},
	{"Knowledge Search", "Answers staff's questions from manuals and tickets, with the source beside each answer."},
	{"Maintenance Planner", "Plans repairs by the state of the machine rather than by the calendar."},
}

func demoPortfolio() []*models.Project {
	statuses := models.ProjectStatus("").Choices()
	var projects []*models.Project
	for t, theme := range demoThemes {
		for c, client := range demoClients {
			n := t*len(demoClients) + c
			project := &models.Project{
				Name: theme.name + " for " + client, Status: models.ProjectStatus(statuses[n%len(statuses)].Value), Description: theme.description,
				ClientCompany: client, TeamSize: 2 + n%5, TasksTotal: 10, DueDate: fmt.Sprintf("Quarter %d", 1+n%4), Budget: fmt.Sprintf("EUR %d,000", 40+n*5),
			}
			project.TasksCompleted = n % 10
			if project.Status == models.ProjectCompleted {
				project.TasksCompleted = project.TasksTotal
			}
			project.Progress = 100 * project.TasksCompleted / project.TasksTotal
			if n == 13 { // somebody was in a hurry: see Project.Contradiction
				project.Progress = 100
			}
			projects = append(projects, project)
		}
	}
	return projects
}
