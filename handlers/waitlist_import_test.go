package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// importer is a browser on its way through the pages of an import.
type importer struct {
	*testing.T
	staff *handlerstest.Staff
	page  *handlerstest.Page
	path  string // of the file's own pages
	form  url.Values
}

// bring uploads a file and comes to the page of its columns.
func bring(t *testing.T, staff *handlerstest.Staff, slug string, file []byte) *importer {
	t.Helper()
	i := &importer{T: t, staff: staff}
	form := "/admin/" + slug + "/import/"
	i.page = staff.Upload(staff.Get(form), form, "file", file)
	i.path = i.page.Attribute("main form", "action")
	if i.page.Status != http.StatusOK || !strings.HasPrefix(i.path, form) || i.path == form {
		t.Fatalf("the file is refused: %d %s", i.page.Status, i.page.Part("main", "").Text())
	}
	return i
}

// columns are what the columns of the file are guessed to be.
func (i *importer) columns() []string { return i.page.Form("main form")["column"] }

// preview goes on with the columns as they are guessed, or else as given.
func (i *importer) preview(columns ...string) *handlerstest.Page {
	i.Helper()
	if columns == nil {
		columns = i.columns()
	}
	i.form = url.Values{"column": columns}
	i.page = i.staff.Post(i.page, i.path, i.form)
	return i.page
}

// start takes the file in and returns the page of its job.
func (i *importer) start() *handlerstest.Page {
	i.Helper()
	if i.page = i.staff.Post(i.page, i.path+"start/", i.form); !i.page.Has("#job") {
		i.Fatalf("the import did not start: %d %s", i.page.Status, i.page.Part("main", "").Text())
	}
	return i.page
}

var importTiles = regexp.MustCompile(`New([\d,]+)Changed([\d,]+)Unchanged([\d,]+)Refused([\d,]+)`)

// counts are the tiles of a page: new, changed, unchanged and refused rows.
func counts(page *handlerstest.Page) string {
	found := importTiles.FindStringSubmatch(strings.Join(strings.Fields(page.Text()), ""))
	if found == nil {
		return "none"
	}
	return strings.Join(found[1:], " ")
}

func TestWaitlistIsImportedAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	staff := c.Login()
	for what, file := range map[string]struct{ text, want string }{
		"Spanish names, Windows-1252":  {"Nombre;Apellidos;Correo Electr\xf3nico;Empresa\nJos\xe9;D\xedaz;jose@a.example;\xd1and\xfa\n", "jose@a.example José Díaz Ñandú"},
		"one column for the name":      {"name,email\nAnn van Lee,ann@b.example\n", "ann@b.example Ann van Lee "},
		"the first that says":          {"mail,e-mail\n,ann@c.example\nbob@c.example,\n", "ann@c.example   ;bob@c.example   "},
		"what an export had put there": {"email,company\nann@d.example,'=1+1\nbob@d.example,'tis\n", "ann@d.example   =1+1;bob@d.example   'tis"},
		"spelling of addresses":        {"email,company\nANN@E.example ,\n", "ann@e.example   "},
	} {
		i := bring(t, staff, "waitlist", []byte(file.text))
		i.preview()
		i.start()
		var got []string
		for _, e := range c.waitlisted() {
			if domain := strings.Split(strings.SplitN(file.want, " ", 2)[0], "@")[1]; strings.HasSuffix(e.Email, domain) {
				got = append(got, fmt.Sprintf("%s %s %s %s", e.Email, e.FirstName, e.LastName, e.Company))
			}
		}
		if strings.Join(got, ";") != file.want {
			t.Errorf("%s: %q", what, got)
		}
	}
	i := bring(t, staff, "waitlist", []byte("email,date,language,is_spam\na@z.example,2026-01-02,ES,\nb@z.example,2026-01-02 03:04,fr,no\nc@z.example,31/01/2026,,TRUE\nd@z.example,2026-01-02T03:04:05+01:00,,\ne@z.example,tomorrow,,\nf@z.example,2099-01-01,,\n"))
	if got := counts(i.preview()); got != "4 0 0 2" {
		t.Fatalf("dates: %s\n%s", got, i.page.Text())
	}
	i.start()
	for address, want := range map[string]string{"a@z.example": "26-01-02 00:00 es", "b@z.example": "26-01-02 03:04 ", "c@z.example": "26-01-31 00:00 ", "d@z.example": "26-01-02 02:04 "} {
		var e models.WaitlistEntry
		if err := c.DB.NewSelect().Model(&e).Where("email = ?", address).Scan(t.Context()); err != nil || e.CreatedAt.UTC().Format("06-01-02 15:04 ")+e.Language != want || e.IsSpam != (address == "c@z.example") {
			t.Errorf("%s: %+v (%v)", address, e, err)
		}
	}
}

const importedCSV = "\ufeffEmail;First name;Company;created_at;Remarks\r\n" +
	"new@example.com;Nia;'=1+1;2026-01-02;x\r\n" +
	"ANN@example.com;Other;Filled in;;\r\n" +
	"nonsense;=Bad;;;\r\n" +
	"NEW@example.com;;Second;;\r\n" +
	"late@example.com;Late;;2099-01-01;\r\n" +
	"gone@example.com;Gone;;;\r\n" +
	"spam@example.com;Real;;;\r\n"

func TestImportPreviewsMergesAndLosesNothing(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.PostJSON("/api/waitlists/", `{"email":"ann@example.com","first_name":"Ann"}`)
	c.PostJSON("/api/waitlists/", `{"email":"gone@example.com"}`)
	c.PostJSON("/api/waitlists/", `{"email":"spam@example.com","first_name":"Robot","company":"Ads","website":"x"}`)
	mails := c.settled()
	c.Do(http.MethodPost, unsubscribeLink(t, mails["gone@example.com"][0]), "")
	c.act("delete", itoa(c.waitlisted()[1].ID))
	staff := c.Login()
	i := bring(t, staff, "waitlist", []byte(importedCSV))
	if got := strings.Join(i.columns(), " "); got != "email first_name company created_at " {
		t.Errorf("guessed as %q", got)
	}
	preview := i.preview()
	for _, want := range []string{"new@example.com", "nonsense", "Enter a valid e-mail address.", "Enter a past date", "gone@example.com", "7 rows in the file", "Company: → Filled in"} {
		if !strings.Contains(strings.Join(strings.Fields(preview.Text()), " "), want) {
			t.Errorf("the preview lacks %q:\n%s", want, preview.Text())
		}
	}
	if counts(preview) != "2 2 1 2" || len(c.waitlisted()) != 2 {
		t.Fatalf("the preview counts %s, and the list has %d", counts(preview), len(c.waitlisted()))
	}
	if done := i.start(); counts(done) != counts(preview) {
		t.Errorf("the import counts %s, the preview %s", counts(done), counts(preview))
	}
	back := staff.Step("/admin/jobs/1/failures/").Body
	if want := sheets.CSVMark + "Email,First name,Company,created_at,Remarks,Why\nnonsense,'=Bad,,,,E-mail: Enter a valid e-mail address.\nlate@example.com,Late,,2099-01-01,,Joined: Enter a past date such as 2026-11-23.\n"; back != want {
		t.Errorf("handed back:\n%q, want\n%q", back, want)
	}
	again := bring(t, staff, "waitlist", []byte(importedCSV)) // changes nothing
	again.preview()
	if done := again.staff.Get(again.path); done.Status != http.StatusOK || counts(again.page) != "0 0 5 2" {
		t.Errorf("again: %s", counts(again.page))
	}
	entries := map[string]models.WaitlistEntry{}
	for _, entry := range c.waitlisted() {
		entries[entry.Email] = entry
	}
	if len(entries) != 4 || entries["ann@example.com"].FirstName != "Ann" || entries["ann@example.com"].Company != "Filled in" ||
		entries["new@example.com"].Company != "=1+1" || entries["new@example.com"].CreatedAt.Format(time.DateOnly) != "2026-01-02" ||
		entries["gone@example.com"].UnsubscribedAt.IsZero() || entries["spam@example.com"].IsSpam || entries["spam@example.com"].FirstName != "Real" || entries["spam@example.com"].Company != "" {
		t.Errorf("stored %+v", entries)
	}
	if after := c.settled(); len(after) != len(mails) || len(c.Mails.Accepted()) != 4 {
		t.Errorf("the import mailed somebody: %d mails", len(c.Mails.Accepted()))
	}
	if history := c.waitlistHistory(entries["ann@example.com"].ID); len(history) != 1 || history[0].Summary != "Imported" || history[0].Changes[0].Field != "company" || history[0].Act != "job-1" {
		t.Errorf("history %+v", history)
	}
	if page := bring(t, staff, "waitlist", []byte("name,company\nAnn,Lee\n")).preview(); page.Status != http.StatusBadRequest || !strings.Contains(page.Text(), "Say which column is E-mail") {
		t.Errorf("without the key: %d", page.Status)
	}
}

// A file grows on its way: accents take more bytes in UTF-8.
func TestFileThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	staff := c.Login()
	form := staff.Get("/admin/waitlist/import/")
	for file, want := range map[string]string{
		"": "Choose a file", strings.Repeat("email,\n", 450_000): "larger than 3 MB", "\x89PNG\x00": "neither a CSV file nor an Excel file",
		"email\n" + strings.Repeat("a@b.example\n", 50_001): "at most 50,000 rows",
	} {
		if page := staff.Upload(form, "/admin/waitlist/import/", "file", []byte(file)); page.Status != http.StatusBadRequest || !strings.Contains(page.Part("[role=alert]", "").Text(), want) {
			t.Errorf("%.20q: %d %s", file, page.Status, page.Part("[role=alert]", "").Text())
		}
	}
	file := append([]byte("email,message\nann@example.com,\""), bytes.Repeat([]byte("\n"), 1_400_000)...)
	i := bring(t, staff, "waitlist", append(file, "\"\nbob@example.com,two\n"...))
	if i.preview(); i.page.Status != http.StatusOK {
		t.Fatalf("a file of many lines: %d", i.page.Status)
	}
	i.start()
	ended(t, c.App, time.Minute)
	if entries := c.waitlisted(); len(entries) != 2 {
		t.Errorf("%d of 2 rows are taken in", len(entries))
	}
}

func TestPreviewThatTheDatabaseRefusesTellsNothing(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	statements := []string{"CREATE TRIGGER refuse BEFORE INSERT ON waitlist_entries BEGIN SELECT 1 FROM no_such_table; END"}
	if models.IsPostgres(c.DB) {
		statements = []string{
			"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1 FROM no_such_table; END'",
			"CREATE TRIGGER refuse BEFORE INSERT ON waitlist_entries FOR EACH ROW EXECUTE FUNCTION refuse()",
		}
	}
	for _, statement := range statements {
		if _, err := c.DB.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	i := bring(t, c.Login(), "waitlist", []byte("email\nann@example.com\n"))
	if i.preview(); i.page.Status != http.StatusInternalServerError {
		t.Errorf("the preview says %d %s", i.page.Status, i.page.Text())
	}
	if entries := c.waitlisted(); len(entries) != 0 {
		t.Errorf("%d rows are stored", len(entries))
	}
}

func TestLongImportTakesEveryGoodRowInAndHandsTheOthersBack(t *testing.T) {
	t.Parallel()
	c := startWaitlist(t)
	c.CreateSuperuser()
	c.PostJSON("/api/waitlists/", `{"email":"p00007@file.example","first_name":"Stored"}`)
	c.settled()
	var file strings.Builder
	file.WriteString("email;first_name;company\n")
	for i := range 1100 {
		fmt.Fprintf(&file, "p%05d@file.example;Name %d;\"Lee; Sons\"\n", i, i)
	}
	file.WriteString("nonsense;=Bad;\nP00001@file.example;;Said before\n")
	staff := c.Login()
	for range 2 { // again changes nothing
		i := bring(t, staff, "waitlist", []byte(file.String()))
		i.preview()
		i.start()
		i.start()                      // a double click
		ended(t, c.App, 4*time.Minute) // beside the whole suite
	}
	var first models.Job
	if err := c.DB.NewSelect().Model(&first).Where("id = 1").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if first.State != models.JobDone || first.Total != 1102 || first.Seen != 1102 || first.Done != 1100 || first.Added != 1099 || first.Failed != 1 {
		t.Errorf("the job ended as %+v", first)
	}
	if page := staff.Get("/admin/jobs/2/"); counts(page) != "0 0 1,101 1" {
		t.Errorf("again: %s", counts(page))
	}
	entries := c.waitlisted()
	if len(entries) != 1100 || entries[0].FirstName != "Stored" || entries[0].Company != "Lee; Sons" || entries[2].FirstName != "Name 1" {
		t.Errorf("%d entries: %+v", len(entries), entries[:3])
	}
	if history := c.waitlistHistory(entries[0].ID); len(history) != 1 || history[0].Summary != "Imported" || history[0].Username != handlerstest.Username {
		t.Errorf("history %+v", history)
	}
	if mails := c.settled(); len(mails) != 2 { // the one who joined, and staff
		t.Errorf("the import mailed somebody: %d people got mail", len(mails))
	}
	back := staff.Step("/admin/jobs/1/failures/").Body
	if back != sheets.CSVMark+"email,first_name,company,Why\nnonsense,'=Bad,,E-mail: Enter a valid e-mail address.\n" {
		t.Errorf("handed back: %q", back)
	}
	i := bring(t, staff, "waitlist", []byte(strings.Replace(back, "nonsense", "sense@file.example", 1)))
	i.preview()
	i.start()
	if entries = c.waitlisted(); len(entries) != 1101 || entries[1100].FirstName != "=Bad" {
		t.Errorf("corrected: %d entries", len(entries))
	}
}
