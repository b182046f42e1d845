package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

// growth compares everything that reads: of 1,000,000 messages and mails, or BENCH_ROWS,
// and 100,000 of anything else, with 1,000 of each.
func growth(b *testing.B) []line {
	large := 1_000_000
	if rows, err := strconv.Atoi(os.Getenv("BENCH_ROWS")); err == nil {
		large = rows
	}
	apps := []*handlerstest.App{filled(b, 1_000), filled(b, large)}
	staff := []*handlerstest.Staff{apps[0].Login(), apps[1].Login()}
	var tokens []string
	for _, app := range apps {
		login := fmt.Sprintf(`{"username":%q,"password":%q}`, handlerstest.Username, handlerstest.Password)
		tokens = append(tokens, app.PostJSON("/api/token/pair", login).JSON()["access"].(string))
	}
	lines := lists(b, staff)
	for _, path := range staffPaths(staff[1]) {
		small, many := compare(func(i int) { mustGet(b, staff[i], path) })
		lines = append(lines, grown(path, small, many))
	}
	for _, path := range apiPaths(b, apps[1]) {
		small, many := compare(func(i int) { target{apps[i].URL + path, tokens[i]}.get(b) })
		lines = append(lines, grown(path, small, many))
	}
	for _, app := range apps {
		app.Kill()
	}
	return lines
}

// staffPaths are the probes, and the pages of the menu that are no lists.
func staffPaths(staff *handlerstest.Staff) []string {
	paths := []string{"/readyz", "/metrics", "/admin/waitlist/growth/", "/admin/waitlist/invite/"}
	for _, link := range staff.Get("/admin/").Links("nav a[href^='/admin/']") {
		if !strings.ContainsAny(link, "?#") && !staff.Get(link).Has("#list") {
			paths = append(paths, link)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// apiPaths are the reads of the OpenAPI document that name no row, and their orders.
func apiPaths(b *testing.B, app *handlerstest.App) (all []string) {
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name   string
				Schema struct {
					Enum  []string
					Items struct{ Enum []string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(target{url: app.URL + "/api/openapi.json"}.get(b)), &document); err != nil {
		b.Fatal(err)
	}
	for path, operations := range document.Paths {
		read, found := operations["get"]
		if !found || !strings.HasPrefix(path, "/api/") || strings.ContainsAny(path, "{") || strings.Contains(path, "auth/") {
			continue
		}
		all = append(all, path)
		for _, parameter := range read.Parameters {
			if parameter.Name == "ordering" {
				for _, order := range slices.Concat(parameter.Schema.Enum, parameter.Schema.Items.Enum) {
					all = append(all, path+"?page=1&ordering="+order)
				}
			}
		}
	}
	return all
}
