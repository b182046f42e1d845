package bench

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"digitalpath/handlers/handlerstest"
	"digitalpath/handlers/routestest"
	"digitalpath/services/projects"
	"digitalpath/services/waitlist"
)

// What the measure of growth asks for must not fall behind what there is: every route that
// reads answers it or is unmeasured for a reason, and every order is asked for both ways.
func TestGrowthMeasuresEveryRouteAndEveryOrder(t *testing.T) {
	t.Parallel()
	app := filled(t, 60)
	measured, staff, read := addresses(t, app), app.Login(), readerOf(t, app)
	has := func(path string) {
		t.Helper()
		if !slices.Contains(measured, path) {
			t.Errorf("%s is not measured", path)
		}
	}
	for _, path := range measured {
		if strings.Contains(path, ":") || strings.Contains(path, "*") {
			t.Errorf("%s names no row: say in inRow which, or in unmeasured why it is left out", path)
		} else {
			read(path) // fails where the answer is not 200
		}
	}
	for _, part := range unmeasured {
		if !slices.ContainsFunc(routestest.Unserved(t).New().GetRoutes(true), func(r fiber.Route) bool {
			return r.Method == http.MethodGet && (strings.HasPrefix(r.Path, part) || strings.HasSuffix(r.Path, part))
		}) {
			t.Errorf("no route is like %s any more", part)
		}
	}
	for path, orders := range map[string][]string{"/api/projects": projects.Orders, "/api/waitlists": waitlist.Orders} {
		for _, order := range orders {
			has(path + "?page=1&ordering=" + order)
			has(path + "?page=1&ordering=-" + order)
		}
	}
	for _, list := range measured {
		if page := staff.Get(list); strings.HasPrefix(list, "/admin/") && !strings.Contains(list, "?") && page.Has("#list") {
			for _, order := range ordersOf(staff, page, list) {
				has(list + "?o=" + order)
				has(list + "?o=-" + order)
			}
		}
	}
}

// ordersOf are the columns that the heads of a list sort by when it shows all that it can.
func ordersOf(staff *handlerstest.Staff, page *handlerstest.Page, list string) (orders []string) {
	var all []string
	for name := range page.Form("#columns form") {
		if column, shown := strings.CutPrefix(name, "place."); shown {
			all = append(all, column)
		}
	}
	for _, link := range staff.Get(list + "?cols=" + strings.Join(all, ",")).Links("th a[href*='o=']") {
		_, order, _ := strings.Cut(link, "o=")
		order, _, _ = strings.Cut(order, "&")
		orders = append(orders, strings.TrimPrefix(order, "-"))
	}
	slices.Sort(orders)
	return slices.Compact(orders)
}
