package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// startBackoffice is startAccounts with the superuser logged in to the back office, and ann and bob to work
// on.
func startBackoffice(t *testing.T) (*accountsApp, *handlerstest.Staff) {
	t.Helper()
	a := startAccounts(t)
	a.CreateSuperuser()
	a.imported("ann", goodHash())
	a.imported("bob", goodHash())
	return a, a.Login()
}

// actOn runs an action of the users' list and holds its answer against a sentence.
func (a *accountsApp) actOn(boss *handlerstest.Staff, action, sentence string, names ...string) {
	a.t.Helper()
	var ids []string
	for _, name := range names {
		ids = append(ids, itoa(a.user(name).ID))
	}
	page := boss.Post(boss.Get("/admin/users/"), "/admin/users/", url.Values{"action": {action}, "id": ids, "confirm": {"yes"}})
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), sentence) {
		a.t.Fatalf("%s %v: %d, want %q in\n%s", action, names, page.Status, sentence, page.Text())
	}
}

// userForm is what the form of an account posts where nothing is changed but this.
func (a *accountsApp) userForm(page *handlerstest.Page, name string, changes url.Values) url.Values {
	a.t.Helper()
	user := a.user(name)
	form := url.Values{"username": {user.Username}, "email": {user.Email}, "_version": {page.Attribute("[name=_version]", "value")}}
	for flag, on := range map[string]bool{"is_active": user.IsActive, "is_staff": user.IsStaff, "is_superuser": user.IsSuperuser} {
		if on {
			form.Set(flag, "true")
		}
	}
	maps.Copy(form, changes)
	return form
}

// editUser posts the form of an account.
func (a *accountsApp) editUser(boss *handlerstest.Staff, name string, changes url.Values) *handlerstest.Page {
	a.t.Helper()
	path := "/admin/users/" + itoa(a.user(name).ID) + "/"
	page := boss.Get(path)
	return boss.Post(page, path, a.userForm(page, name, changes))
}

// wantHistory holds what is told of an account, the oldest first, against summaries
// with the changes, such as "Deactivate is_active true>false".
func (a *accountsApp) wantHistory(name string, want ...string) {
	a.t.Helper()
	var entries []models.HistoryEntry
	if err := a.DB.NewSelect().Model(&entries).Where("model = ?", models.UsersSlug).Where("object_id = ?", a.user(name).ID).
		OrderExpr("id").Scan(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		told := entry.Summary
		if told == "Signed up" {
			continue // by themselves
		}
		for _, change := range entry.Changes {
			told += " " + change.Field + " " + change.From + ">" + change.To
		}
		got = append(got, strings.TrimSpace(told))
		if entry.Username != handlerstest.Username || entry.ObjectLabel != name || entry.Action != models.HistoryChanged || entry.IPAddress != "127.0.0.1" || entry.Channel != models.ChannelBackoffice {
			a.t.Errorf("an entry of %s is %+v", name, entry)
		}
	}
	if !slices.Equal(got, want) {
		a.t.Errorf("the history of %s tells %q, want %q", name, got, want)
	}
}

// wantEnded holds that an account's logins are over and that its epoch was raised so
// often.
func (a *accountsApp) wantEnded(what, name string, epoch int, logins ...login) {
	a.t.Helper()
	for _, l := range logins {
		a.wantDead(what, l)
	}
	if user := a.user(name); user.TokenEpoch != epoch || a.openLogins(name) != 0 {
		a.t.Errorf("%s: %s has epoch %d, want %d, and %d sessions", what, name, user.TokenEpoch, epoch, a.openLogins(name))
	}
}

func TestStaffDeactivatesAndActivatesAccounts(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	anns, bobs := a.logIn("ann", goodPassword), a.logIn("bob", goodPassword)
	a.actOn(boss, "deactivate", "1 user deactivated.", "ann")
	a.wantEnded("deactivated", "ann", 1, anns)
	a.wantAlive("somebody else", bobs)
	if user := a.user("ann"); user.IsActive || user.DisabledAt.IsZero() {
		t.Errorf("deactivated: active %v, disabled at %v", user.IsActive, user.DisabledAt)
	}
	wantRefused(t, "deactivated", a.tryLogin("ann", goodPassword), http.StatusUnauthorized, "invalid_credentials")
	a.actOn(boss, "deactivate", "0 users deactivated.", "ann")

	a.signUp("waits")
	a.actOn(boss, "activate", "2 users activated.", "ann", "bob", "waits")
	for _, name := range []string{"ann", "waits"} {
		if user := a.user(name); !user.IsActive || !user.DisabledAt.IsZero() {
			t.Errorf("%s activated: active %v, disabled at %v", name, user.IsActive, user.DisabledAt)
		}
		a.wantAlive(name+" activated", a.logIn(name, goodPassword))
	}
	a.wantDead("a login from before, activated", anns)
	a.wantHistory("ann", "Deactivate is_active true>false", "Activate is_active false>true")
	a.wantHistory("waits", "Activate is_active false>true")
	a.wantHistory("bob")
	if n := a.count((*models.OutboxMessage)(nil)); n != 1 {
		t.Errorf("%d mails are enqueued, want that of the sign-up alone", n)
	}
}

func TestStaffDeactivatesWhoWaitsAndNoOldKeyOpensTheAccount(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.signUp("waits")
	path := "/admin/users/" + itoa(a.user("waits").ID) + "/"
	key := a.link("waits@example.com", "Confirm Your Email", 1).Get("key")
	wantOffered := func(what string, deactivate, activate bool) {
		t.Helper()
		page := boss.Get(path)
		if page.Has("button[value=deactivate]") != deactivate || page.Has("button[value=activate]") != activate {
			t.Errorf("%s the page offers to deactivate: %v, to activate: %v", what, !deactivate, !activate)
		}
	}
	if page := a.editUser(boss, "waits", url.Values{"first_name": {"Wanda"}}); page.Status != http.StatusOK || !a.user("waits").DisabledAt.IsZero() {
		t.Fatalf("another name shuts who waits: %d %s", page.Status, page.Text())
	}
	wantOffered("who waits:", true, true)
	a.actOn(boss, "deactivate", "1 user deactivated.", "waits")
	if user := a.user("waits"); user.IsActive || user.DisabledAt.IsZero() {
		t.Errorf("deactivated: active %v, disabled at %v", user.IsActive, user.DisabledAt)
	}
	wantOffered("who is shut:", false, true)
	a.actOn(boss, "deactivate", "0 users deactivated.", "waits")
	wantRefused(t, "the key", a.post("/api/auth/verify-email", fields{"key": key}), http.StatusBadRequest, "invalid_key")
	wantRefused(t, "the right password", a.tryLogin("waits", goodPassword), http.StatusUnauthorized, "invalid_credentials")
	wantOK(t, "to ask for the key again", a.post("/api/auth/resend-verification", fields{"email": "waits@example.com"}))
	wantOK(t, "to ask for a reset", a.post("/api/auth/forgot-password", fields{"email": "waits@example.com"}))
	if n := a.count((*models.OutboxMessage)(nil)); n != 1 {
		t.Errorf("%d mails are enqueued, want that of the sign-up alone", n)
	}
	a.actOn(boss, "activate", "1 user activated.", "waits")
	wantOffered("who is active:", true, false)
	a.wantAlive("activated", a.logIn("waits", goodPassword))
	a.wantHistory("waits", "first_name >Wanda", "Deactivate", "Activate is_active false>true")
}

func TestAccountsAreSwitchedBackByUndo(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	for _, c := range []struct{ action, done, undone string }{{"deactivate", "1 user deactivated.", "true"}, {"activate", "1 user activated.", "false"}} {
		a.set("ann", "is_active = ?", c.action == "deactivate")
		if c.action == "activate" {
			a.set("ann", "disabled_at = ?", a.user("bob").DateJoined)
		}
		page := boss.Post(boss.Get("/admin/users/"), "/admin/users/", url.Values{"action": {c.action}, "id": {itoa(a.user("ann").ID)}})
		undo := page.Attribute("[role=status] form", "action")
		if !strings.Contains(page.Text(), c.done) || undo == "" {
			t.Fatalf("%s: %s", c.action, page.Text())
		}
		page = boss.Post(page, undo, url.Values{})
		if ann := a.user("ann"); !strings.Contains(page.Text(), "1 undone.") || fmt.Sprint(ann.IsActive) != c.undone || ann.IsActive != ann.DisabledAt.IsZero() {
			t.Errorf("%s undone: %+v", c.action, ann)
		}
	}
}

func TestStaffLogsOutEverywhereHereToo(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.set("ann", "is_staff = ?", true)
	staff := enter(t, a.App, "ann", goodPassword)
	first, second, bobs := a.logIn("ann", goodPassword), a.logIn("ann", goodPassword), a.logIn("bob", goodPassword)
	asked := boss.Post(boss.Get("/admin/users/"), "/admin/users/", url.Values{"action": {"log-out"}, "id": {itoa(a.user("ann").ID)}})
	if !strings.Contains(asked.Text(), "This cannot be undone.") {
		t.Errorf("it does not ask: %s", asked.Text())
	}
	a.wantAlive("asked about", first)
	a.actOn(boss, "log-out", "1 user logged out everywhere.", "ann")
	a.wantEnded("logged out", "ann", 1, first, second)
	if page := staff.Get("/admin/"); !page.Has("[name=password]") || page.Has("#user-menu") {
		t.Errorf("the back office is still open (%d)", page.Status)
	}
	a.wantAlive("somebody else", bobs)
	a.wantHistory("ann", "Log out everywhere")
	a.wantHistory("bob")
	a.wantAlive("logged in again", a.logIn("ann", goodPassword))
	enter(t, a.App, "ann", goodPassword)
	if n := a.count((*models.OutboxMessage)(nil)); n != 0 {
		t.Errorf("%d mails are enqueued", n)
	}
}

func TestStaffSendsResetMails(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.disable("bob")
	a.imported("social", "!nobodys")
	anns := a.logIn("ann", goodPassword)
	a.actOn(boss, "send-reset", "2 reset mails are on their way.", "ann", "bob", "social")
	a.wantAlive("until the reset", anns)
	if resets, all := a.enqueued(accounts.MailResetHere), a.count((*models.OutboxMessage)(nil)); resets != 2 || all != 2 {
		t.Errorf("%d reset mails of %d are enqueued, want 2 of 2", resets, all)
	}
	a.wantHistory("ann", "Send reset mail")
	a.wantHistory("bob")
	_, link, _ := strings.Cut(a.mailedPath("ann@example.com", 1), "?")
	query, err := url.ParseQuery(link)
	if err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, a.post("/api/auth/reset-password", resetOf(query, newPassword)), http.StatusOK, resetAnswer)
	a.wantEnded("reset", "ann", 1, anns)
	a.wantAlive("the new password", a.logIn("ann", newPassword))
	a.mailedPath("social@example.com", 1)
	if n := len(a.mails("bob@example.com", "")); n != 0 {
		t.Errorf("%d mails to somebody who may not log in", n)
	}
}

func TestStaffSetsAPasswordInTheForm(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	anns, bobs := a.logIn("ann", goodPassword), a.logIn("bob", goodPassword)
	for what, refused := range map[string]url.Values{
		"a short password":   {"new_password": {"short"}},
		"a common password":  {"new_password": {"password123"}},
		"the address":        {"new_password": {"ann@example.com"}},
		"a password and not": {"new_password": {newPassword}, "no_password": {"true"}},
	} {
		page := a.editUser(boss, "ann", refused)
		if page.Status != http.StatusBadRequest || !page.Has("[name=new_password][aria-invalid=true]") {
			t.Errorf("%s: %d %s", what, page.Status, page.Text())
		}
		if value := page.Attribute("[name=new_password]", "value"); value != "" {
			t.Errorf("%s: the page hands %q back", what, value)
		}
	}
	a.wantAlive("after what was refused", anns)
	a.wantHistory("ann")
	a.keep(fields{"new_password": newPassword})
	if page := a.editUser(boss, "ann", url.Values{"new_password": {newPassword}}); page.Status != http.StatusOK || page.Has("[aria-invalid=true]") {
		t.Fatalf("setting the password: %d %s", page.Status, page.Text())
	}
	a.wantEnded("a new password", "ann", 1, anns)
	a.wantAlive("somebody else", bobs)
	wantRefused(t, "the old password", a.tryLogin("ann", goodPassword), http.StatusUnauthorized, "invalid_credentials")
	again := a.logIn("ann", newPassword)
	a.mail("ann@example.com", "Your Password Was Changed", 1)

	a.wantAlive("before the password is taken", again)
	if page := a.editUser(boss, "ann", url.Values{"no_password": {"true"}}); page.Status != http.StatusOK || a.user("ann").Password != "!" {
		t.Errorf("taking the password: %d, the hash is %q", page.Status, a.user("ann").Password)
	}
	a.wantEnded("no password", "ann", 2, again)
	wantRefused(t, "no password", a.tryLogin("ann", newPassword), http.StatusUnauthorized, "invalid_credentials")
	a.wantHistory("ann", "password >set", "password >none")
	if changed, all := a.enqueued(accounts.MailPasswordChanged), a.count((*models.OutboxMessage)(nil)); changed != 1 || all != 1 {
		t.Errorf("%d mails of %d tell of a new password, want 1 of 1", changed, all)
	}
}

func TestDeactivatingInTheFormEndsLogins(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	anns := a.logIn("ann", goodPassword)
	a.editUser(boss, "ann", url.Values{"first_name": {"Ann"}})
	a.wantAlive("another name", anns)
	if page := a.editUser(boss, "ann", url.Values{"first_name": {"Ann"}, "is_active": {}}); page.Status != http.StatusOK {
		t.Fatalf("deactivating: %d %s", page.Status, page.Text())
	}
	a.wantEnded("deactivated", "ann", 1, anns)
	if user := a.user("ann"); user.IsActive || user.DisabledAt.IsZero() {
		t.Errorf("active %v, disabled at %v", user.IsActive, user.DisabledAt)
	}
	a.wantHistory("ann", "first_name >Ann", "is_active true>false")
}

func TestWhoIsNoStaffAnyMoreIsOutFromTheNextRequest(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.MustSubmit("Visitor")
	grants := url.Values{"is_staff": {"true"}, "permissions": {"contact-messages.view", "contact-messages.change"}}
	if page := a.editUser(boss, "ann", grants); page.Status != http.StatusOK {
		t.Fatalf("hiring: %d %s", page.Status, page.Text())
	}
	staff, api := enter(t, a.App, "ann", goodPassword), a.logIn("ann", goodPassword)
	list := staff.Get("/admin/contact-messages/")
	if !list.Has("tr[data-id='1']") {
		t.Fatalf("staff do not see the list: %d %s", list.Status, list.Text())
	}
	if page := a.editUser(boss, "ann", url.Values{"is_staff": {}, "permissions": grants["permissions"]}); page.Status != http.StatusOK || a.user("ann").IsStaff {
		t.Fatalf("dismissing: %d %s", page.Status, page.Text())
	}
	spam := url.Values{"action": {"spam"}, "id": {"1"}}
	if page := staff.Post(list, "/admin/contact-messages/", spam); page.Has("tr[data-id]") || a.Message("Visitor").IsSpam {
		t.Errorf("an action is still done (%d)", page.Status)
	}
	for _, path := range []string{"/admin/", "/admin/contact-messages/", "/admin/contact-messages/1/", "/admin/profile/", "/admin/queue/"} {
		if page := staff.Get(path); !page.Has("[name=password]") || page.Has("#user-menu") || strings.Contains(page.Text(), "Visitor") {
			t.Errorf("%s is still open (%d)", path, page.Status)
		}
	}
	if page := a.staffLogin("ann", goodPassword); !page.Has("[name=password]") {
		t.Errorf("the back office lets in who is no staff (%d)", page.Status)
	}
	a.wantAlive("the login by the API", api)
	if page := a.editUser(boss, "ann", grants); page.Status != http.StatusOK || !a.user("ann").IsStaff {
		t.Fatalf("hiring again: %d %s", page.Status, page.Text())
	}
	if page := staff.Get("/admin/"); !page.Has("[name=password]") || page.Has("#user-menu") {
		t.Errorf("the cookie from before the dismissal opens the back office again (%d)", page.Status)
	}
	a.wantHistory("ann", "is_staff false>true permissions >contact-messages.change, contact-messages.view", "is_staff true>false", "is_staff false>true")
}

func TestWhoIsNoSuperuserAnyMoreLogsInAgain(t *testing.T) {
	t.Parallel()
	a, boss := startBackoffice(t)
	a.set("ann", "is_staff = ?, is_superuser = ?", true, true)
	staff, api := enter(t, a.App, "ann", goodPassword), a.logIn("ann", goodPassword)
	if page := a.editUser(boss, "ann", url.Values{"first_name": {"Ann"}}); page.Status != http.StatusOK || !staff.Get("/admin/").Has("#user-menu") {
		t.Errorf("another name ends the login (%d)", page.Status)
	}
	if page := a.editUser(boss, "ann", url.Values{"first_name": {"Ann"}, "is_superuser": {}}); page.Status != http.StatusOK || a.user("ann").IsSuperuser {
		t.Fatalf("demoting: %d %s", page.Status, page.Text())
	}
	if page := staff.Get("/admin/"); !page.Has("[name=password]") || page.Has("#user-menu") {
		t.Errorf("the cookie from before still opens the back office (%d)", page.Status)
	}
	a.wantAlive("the login by the API", api)
	enter(t, a.App, "ann", goodPassword)
}
