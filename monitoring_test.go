package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A rule or a panel on a metric that is not there is silent for ever.
func TestAlertsAndDashboardAskForMetricsThatExist(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	exposed := []string{"up"} // Prometheus's own
	app.Get("/metrics")       // which the second scrape counts
	for line := range strings.Lines(app.Get("/metrics").Body) {
		if name := regexp.MustCompile(`^[a-z_]+`).FindString(line); name != "" {
			exposed = append(exposed, name)
		}
	}
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal([]byte(readFile(t, "docs/monitoring/dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	queries := readFile(t, "docs/monitoring/alerts.yml")
	for _, panel := range dashboard.Panels {
		if len(panel.Targets) == 0 {
			t.Error("a panel shows nothing")
		}
		for _, target := range panel.Targets {
			queries += target.Expr + "\n"
		}
	}
	asked := regexp.MustCompile(`\b(up|(mail|queue|http|process|go)_[a-z_]+)\b`).FindAllString(queries, -1)
	if len(asked) < 20 {
		t.Fatalf("the queries are not found: %v", asked)
	}
	for _, name := range asked {
		if !slices.Contains(exposed, name) {
			t.Errorf("%s is asked for, and /metrics has no such metric", name)
		}
	}
}

// An alert says where to read what to do.
func TestAlertsNameAChapterOfTheRunBook(t *testing.T) {
	var chapters []string
	for _, heading := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(readFile(t, "docs/operations.md"), -1) {
		chapters = append(chapters, strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-"))
	}
	rules := readFile(t, "docs/monitoring/alerts.yml")
	named := regexp.MustCompile(`runbook: docs/operations\.md#(.+)`).FindAllStringSubmatch(rules, -1)
	if len(named) != strings.Count(rules, "- alert:") {
		t.Errorf("%d alerts, %d chapters", strings.Count(rules, "- alert:"), len(named))
	}
	for _, chapter := range named {
		if !slices.Contains(chapters, chapter[1]) {
			t.Errorf("docs/operations.md has no chapter #%s", chapter[1])
		}
	}
}
