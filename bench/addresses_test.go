package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/handlers/routestest"
	"digitalpath/models"
)

// unmeasured are the routes whose cost is no matter of how many rows there are, by what
// they begin or end with.
var unmeasured = []string{
	"/static/*", "/accounts/", "/dev/mailbox/:id", // files, other people's servers
	"/admin/login", "/admin/setup", "/admin/forgot-password", "/admin/reset-password", "/waitlist/unsubscribe", // for nobody who is logged in
	"/export/", "/jobs/:id/file/", "/jobs/:id/failures/", // as long as what they hold
	"/import/:upload/", "/acts/:act/", "/health/token/", "/members/:user/", "/sessions/:id", "/badges/", // rows by their keys
}

// addresses are what a measure of growth asks for: every route that reads, and every
// state of lists and every order that they lead to.
func addresses(t testing.TB, app *handlerstest.App) []string {
	staff := app.Login()
	var all []string
	for _, route := range routestest.Unserved(t).New().GetRoutes(true) {
		if route.Method != http.MethodGet || slices.ContainsFunc(unmeasured, func(part string) bool {
			return strings.HasPrefix(route.Path, part) || strings.HasSuffix(route.Path, part)
		}) {
			continue
		}
		path := inRow.Replace(route.Path)
		all = append(all, path)
		if strings.HasPrefix(path, "/admin/") {
			if page := staff.Get(path); page.Has("#list") {
				all = append(all, states(page, path)...)
			}
		}
	}
	all = append(all, orders(t, app)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// inRow puts a row that every model has into a route.
var inRow = strings.NewReplacer(":id<int>", "1", ":id", "1", ":item", "1", "autocomplete/", "autocomplete/?q=zebra", "/news/", "/news/?newest=2026-01-01T00%3A00%3A00Z", "/admin/search/", "/admin/search/?q=zebra")

// further are the states of lists that no link of their first page leads to: deep pages,
// orders of what is filtered, ranges, columns, and searches.
var further = map[string]string{
	models.ContactSlug: `page=200 page=last o=name&is_spam=all status=failed&o=name status=failed&o=sent_at
		q=zebra q=Visitor q=nowhere q=zebra&status=failed q=zebra&status=sent q=Visitor&status=pending q=nowhere&status=failed q=ze q=zé q=жук
		size=200 cols=name,error_message,updated_at o=-status,-created_at o=name,-email o=updated_at o=name,-email&status=failed&is_spam=1
		is_spam=1&o=name,-email status=failed&o=name,-email
		created_at__older=30 created_at__gte=2026-11-01 sent_at__lte=2026-11-20&status=sent created_at__gte=2099-01-01
		created_at=7days&sent_at=30days created_at__year=2024&sent_at=any created_at__year=2024&sent_at=30days created_at=30days&created_at__year=2025
		created_at=30days&o=sent_at created_at__year=2024&o=name sent_at=7days&o=status sent_at=30days&o=is_spam`,
	models.UsersSlug: `page=200 page=last q=zebra q=person q=ze q=nowhere&is_staff=1 o=last_name,-email
		is_staff=0&last_login=30days groups=1&is_superuser=1 groups=1&date_joined=7days is_active=1&o=last_login`,
	"history": `page=200 page=last q=zebra q=person q=ze q=nowhere&action=added o=object_label,-at action=deleted&o=object_label
		username=ada&action=added action=deleted&o=-username at=7days&o=-summary`,
	models.ProjectsSlug: `page=last q=zebra q=project q=ze q=nowhere&status=active o=name,-due_date status=active&o=name created_at=7days&o=updated_at`,
	models.WaitlistSlug: `page=last o=email&is_spam=all q=zebra q=person q=ze q=nowhere&notified=1 o=first_name,-email notified=1&o=email created_at__older=30
		created_at=7days&o=-company created_at__year=2026&unsubscribed_at=any`,
	"mail-queue":              `page=last q=zebra created_at=7days&o=state`,
	models.SocialAccountsSlug: `page=last q=zebra q=ze`,
	"groups/1/members":        `o=username o=-username`,
}

// states are the list's own address and all that differ from it by one filter, date, order
// or page, each order both ways, those of columns that it can show too, and the further ones.
func states(page *handlerstest.Page, list string) []string {
	all := []string{list}
	for _, link := range page.Links("#list a[href^='" + list + "?']") {
		all = append(all, link)
		if at, err := url.Parse(link); err == nil && at.Query().Has("o") {
			column, _, _ := strings.Cut(strings.TrimPrefix(at.Query().Get("o"), "-"), ",")
			all = append(all, list+"?o=-"+column, list+"?o="+column)
		}
	}
	for name := range page.Form("#columns form") {
		if column, shown := strings.CutPrefix(name, "place."); shown {
			all = append(all, list+"?o="+column, list+"?o=-"+column)
		}
	}
	if rows := page.Links("#list a[href*='/?from=']"); len(rows) > 0 {
		all = append(all, rows[0]) // with the rows beside it
	}
	for query := range strings.FieldsSeq(further[strings.Trim(strings.TrimPrefix(list, "/admin/"), "/")]) {
		all = append(all, list+"?"+query)
	}
	return all
}

// orders are the pages of lists of the API, and each order and choice that the OpenAPI document lists for them.
func orders(t testing.TB, app *handlerstest.App) (all []string) {
	for path, parameters := range lists(t, app) {
		all = append(all, path+"?page=1", path+"?page=2&page_size=20", path+"?page=1&search=zebra", path+"?search=quagga", path+"?search=nowhere")
		for _, parameter := range parameters {
			for _, value := range parameter.values() {
				all = append(all, fmt.Sprintf("%s?page=1&%s=%s", path, parameter.Name, value))
			}
		}
	}
	return all
}

type parameter struct {
	Name   string
	Schema struct {
		Enum  []string
		Items struct{ Enum []string }
	}
}

func (p parameter) values() []string { return slices.Concat(p.Schema.Enum, p.Schema.Items.Enum) }

// lists are the lists of the API with pages, by the OpenAPI document.
func lists(t testing.TB, app *handlerstest.App) map[string][]parameter {
	var document struct {
		Paths map[string]struct {
			Get struct{ Parameters []parameter }
		}
	}
	if err := json.Unmarshal([]byte(target{url: app.URL + "/api/openapi.json"}.get(t)), &document); err != nil {
		t.Fatal(err)
	}
	found := map[string][]parameter{}
	for path, operations := range document.Paths {
		if slices.ContainsFunc(operations.Get.Parameters, func(p parameter) bool { return p.Name == "page" }) {
			found[path] = operations.Get.Parameters
		}
	}
	return found
}
