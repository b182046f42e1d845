package handlers_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"digitalpath/admin/sheets"
	"digitalpath/handlers/handlerstest"
)

// exported is the export of a list, each row by the names of the columns.
func exported(t *testing.T, staff *handlerstest.Staff, list string) (header []string, rows []map[string]string) {
	t.Helper()
	slug, query, _ := strings.Cut(list, "?")
	page := staff.Step("/admin/" + slug + "/export/?" + query)
	text, marked := strings.CutPrefix(page.Body, sheets.CSVMark)
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) == 0 {
		t.Fatalf("export of %s: %d %v", list, page.Status, err)
	}
	if !marked || strings.Contains(text, sheets.CSVMark) {
		t.Errorf("export of %s: Excel reads it as Windows-1252: %q", list, page.Body[:20])
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return records[0], rows
}

// column are the values of one column of an export.
func column(rows []map[string]string, name string) string {
	var cells []string
	for _, row := range rows {
		cells = append(cells, row[name])
	}
	return strings.Join(cells, " ")
}

func TestExportIsInTheOrderOfItsList(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	for _, name := range []string{"Bea", "Cid", "Ann"} {
		app.PostJSON("/api/contact/", `{"name":"`+name+`","email":"`+name+`@example.com","message":"Hello, this is a message."}`)
	}
	staff := app.Login()
	for list, want := range map[string]string{
		"contact-messages": "Ann Cid Bea", "contact-messages?o=name": "Ann Bea Cid", "contact-messages?o=-name": "Cid Bea Ann",
		"contact-messages?o=created_at": "Bea Cid Ann", "contact-messages?o=name&page=2": "Ann Bea Cid", "contact-messages?o=name&q=e": "Ann Bea Cid",
	} {
		if _, rows := exported(t, staff, list); column(rows, "name") != want {
			t.Errorf("%s: %s, want %s", list, column(rows, "name"), want)
		}
	}
}

func TestExportsReadAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	staff.Post(staff.Get("/admin/groups/add/"), "/admin/groups/add/", url.Values{"name": {"Editors"}, "permissions": {"projects.view", "projects.change"}})
	_, groups := exported(t, staff, "groups")
	if len(groups) != 1 || groups[0]["name"] != "Editors" || groups[0]["permissions"] != "projects.change\nprojects.view" {
		t.Errorf("groups: %q", groups)
	}
	staff.Post(staff.Get("/admin/users/add/"), "/admin/users/add/", url.Values{
		"username": {"grace"}, "email": {"grace@example.com"}, "new_password": {"correct-horse-9"}, "is_active": {"true"},
		"groups": {groups[0]["id"]}, "permissions": {"waitlist.view"},
	})
	header, users := exported(t, staff, "users?q=grace")
	for _, name := range []string{"password", "new_password", "no_password"} {
		if slices.Contains(header, name) {
			t.Errorf("users: the export has %s", name)
		}
	}
	if len(users) != 1 || users[0]["groups"] != "Editors" || users[0]["permissions"] != "waitlist.view" || users[0]["is_active"] != "true" {
		t.Errorf("users: %q", users)
	}
	app.PostJSON("/api/contact/", `{"name":"Ann","email":"ann@example.com","message":"Hello, this is a message."}`)
	app.PostJSON("/api/waitlists/", `{"email":"bob@example.com"}`)
	if _, messages := exported(t, staff, "contact-messages"); column(messages, "is_spam") != "false" {
		t.Errorf("contact messages: %q", messages)
	}
	group := "/admin/groups/" + groups[0]["id"] + "/"
	page := staff.Get(group)
	form := page.Form("#form")
	form.Set("name", "Writers")
	if page := staff.Post(page, group, form); page.Has("[role=alert]") {
		t.Fatal(page.Text())
	}
	_, history := exported(t, staff, "history?model=groups&action=changed")
	if len(history) != 1 || !strings.Contains(history[0]["changes"], "Name: Editors → Writers") {
		t.Errorf("history: %q", history)
	}
	for _, slug := range []string{"contact-messages", "dead-letters", "groups", "history", "projects", "social-accounts", "users", "waitlist"} {
		_, rows := exported(t, staff, slug)
		for _, row := range rows {
			for name, cell := range row {
				if strings.Contains(cell, "Value>") || strings.HasPrefix(cell, "map[") || strings.HasPrefix(cell, "[{") || strings.Contains(cell, "0001-01-01") {
					t.Errorf("%s: %s is exported as %q", slug, name, cell)
				}
			}
		}
	}
}

// workbook is an exported workbook, each row by the words of its header.
func workbook(t *testing.T, file string) (header []string, rows []map[string]string) {
	t.Helper()
	book, err := excelize.OpenReader(strings.NewReader(file))
	if err != nil {
		t.Fatalf("%v: %.200q", err, file)
	}
	defer func() { _ = book.Close() }()
	records, err := book.GetRows("Sheet1")
	if err != nil || len(records) == 0 {
		t.Fatalf("the workbook has no rows: %v", err)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return records[0], rows
}

func TestExportOfTickedRowsHasTheChosenColumns(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	app.CreateSuperuser()
	staff := app.Login()
	for name, status := range map[string]string{"Claims": "planning", "=Billing": "on_hold", "Left out": "planning"} {
		form := project(name)
		form.Set("status", status)
		form.Set("budget", "1250.50")
		form.Set("due_date", "2027-01-31")
		staff.Post(staff.Get("/admin/projects/add/"), "/admin/projects/add/", form)
	}
	_, all := exported(t, staff, "projects?o=name")
	list := staff.Get("/admin/projects/?o=name")
	page := staff.Post(list, "/admin/projects/", url.Values{"action": {"export"}, "o": {"name"}, "id": {all[0]["id"], all[1]["id"]}})
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), "Export 2 rows") || page.Has("input[value=status]:not([checked])") || page.Has("input[value=team_size][checked]") {
		t.Fatalf("%d: %s", page.Status, page.Text())
	}
	form := page.Form("main form")
	form["column"], form["format"] = []string{"name", "status", "budget", "due_date"}, []string{"csv"}
	if file := staff.Post(page, "/admin/projects/export/", form); file.Answer.Body != sheets.CSVMark+"name,status,budget,due_date\n'=Billing,on_hold,1250.50,2027-01-31\nClaims,planning,1250.50,2027-01-31\n" {
		t.Errorf("the CSV file: %d %q", file.Status, file.Answer.Body)
	}
	form["format"] = []string{"xlsx"}
	file := staff.Post(page, "/admin/projects/export/", form)
	header, rows := workbook(t, file.Answer.Body)
	if !strings.HasSuffix(file.Answer.Header.Get("Content-Disposition"), `.xlsx"`) || !slices.Equal(header, []string{"Name", "Status", "Budget", "Due date"}) ||
		len(rows) != 2 || rows[0]["Name"] != "=Billing" || rows[0]["Status"] != "On hold" || rows[1]["Budget"] != "1250.50" || rows[1]["Due date"] != "2027-01-31" {
		t.Errorf("the workbook: %q %q", header, rows)
	}
}
