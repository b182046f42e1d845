package handlers_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// stranger is somebody without a mouse who never saw the back office: they go by the
// words that are on the page alone.
type stranger struct {
	*testing.T
	ctx context.Context
	app *handlerstest.App
}

// next moves the focus on, as Tab does, to the first control that is called %q: by its
// label, or else by what is written on it.
const next = `(words => {
  const called = (e) => (e.ariaLabel || e.labels?.[0]?.textContent || e.innerText || "").replace(/[\s*]+/g, " ").trim();
  const all = [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")].filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }));
  const at = all.indexOf(document.activeElement) + 1;
  const found = [...all.slice(at), ...all.slice(0, at)].find((e) => called(e) === words || called(e).startsWith(words + " "));
  found?.focus();
  return Boolean(found) && found === document.activeElement;
})(%q)`

// reach moves the focus on to the control that is called so.
func (s *stranger) reach(words string) {
	s.Helper()
	sees(s.T, s.ctx, words, fmt.Sprintf(next, words))
}

// choose presses, one after the other, what is called so.
func (s *stranger) choose(words ...string) {
	s.Helper()
	for _, word := range words {
		s.reach(word)
		press(s.T, s.ctx, kb.Enter)
	}
}

// tick ticks the box that is called so.
func (s *stranger) tick(words string) {
	s.Helper()
	s.reach(words)
	press(s.T, s.ctx, " ")
}

// write types into the field that is called so, over what it holds.
func (s *stranger) write(field, value string) {
	s.Helper()
	s.reach(field)
	do(s.T, s.ctx, chromedp.Evaluate[chromedp.Void]("document.activeElement.select(); undefined"))
	press(s.T, s.ctx, value)
}

// reads waits until the page tells it.
func (s *stranger) reads(sentence string) {
	s.Helper()
	sees(s.T, s.ctx, sentence, fmt.Sprintf("document.readyState === 'complete' && document.body.innerText.replace(/\\s+/g, ' ').includes(%q)", sentence))
}

// stored counts rows under a condition.
func (s *stranger) stored(table, where string) int {
	s.Helper()
	n, err := s.app.DB.NewSelect().TableExpr(table).Where(where).Count(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return int(n)
}

// What people come for is found by the words on the pages, by keyboard alone.
func TestStrangerFindsTheWay(t *testing.T) {
	t.Parallel()
	s := &stranger{T: t, ctx: browser(t), app: handlerstest.Start(t)}
	s.app.CreateSuperuser()
	if demo := handlerstest.Spawn(t, s.app.Env(), "demo"); demo.Wait(handlerstest.StartTime) != 0 {
		t.Fatal(demo.Log())
	}
	logIn(t, s.ctx, s.app)
	do(t, s.ctx, chromedp.EmulateViewport(1440, 900))
	s.sendsFailedMessagesAgain()
	s.invitesTwenty()
	s.createsAProject()
	s.takesADeletionBack()
	s.letsAColleagueSeeProjectsOnly()
	s.findsWhoChangedABudget()
}

func (s *stranger) sendsFailedMessagesAgain() {
	s.choose("Failed, need you")
	s.reads("Contact messages 6")
	s.choose("Received", "Past 7 days")
	s.reads("Contact messages 1")
	s.tick("Select all rows of this page")
	s.choose("Send again")
	s.reads("1 mail will be sent, to:")
	s.choose("Send again")
	s.reads("1 message will be sent again.")
	handlerstest.Eventually(s, 20*time.Second, "its mail is sent", func() bool { return len(s.app.Mails.Accepted()) == 1 })
}

func (s *stranger) invitesTwenty() {
	s.choose("Waitlist", "Invite people…")
	s.write("How many", "20")
	s.choose("Invite")
	s.reads("Invite 20 people?")
	s.choose("Invite")
	s.reads("20 people invited.")
	handlerstest.Eventually(s, 20*time.Second, "20 more mails are sent", func() bool { return len(s.app.Mails.Accepted()) == 21 })
}

func (s *stranger) createsAProject() {
	s.choose("Projects", "Add")
	s.write("Name", "Harbour lights")
	s.reach("Add row: Reports")
	s.write("Name", "Weekly figures")
	s.choose("Add row: Reports")
	press(s.T, s.ctx, "Monthly figures") // where the focus is already
	s.reach("Add row: Members")
	s.write("User", "sarah")
	s.choose("Save")
	s.reads("Harbour lights: saved.")
	const of = "project_id = (SELECT id FROM projects WHERE name = 'Harbour lights')"
	const sarah = " AND user_id = (SELECT id FROM users WHERE username = 'sarah')"
	if reports, members := s.stored("reports", of), s.stored("project_members", of+sarah); reports != 2 || members != 1 {
		s.Errorf("the project has %d reports, and %d members are sarah", reports, members)
	}
}

func (s *stranger) takesADeletionBack() {
	s.choose("Harbour lights", "More", "Delete…", "Delete")
	s.reads("Harbour lights is deleted.")
	s.choose("Undo")
	s.reads("1 restored.")
	if s.stored("projects", "name = 'Harbour lights'") != 1 {
		s.Error("the project is not there again")
	}
}

func (s *stranger) letsAColleagueSeeProjectsOnly() {
	s.choose("Users", "visitor")
	s.tick("Projects: View")
	s.tick("Staff")
	s.choose("Save")
	s.reads("visitor: saved.")
	const of = "user_id = (SELECT id FROM users WHERE username = 'visitor' AND is_staff)"
	if all, projects := s.stored("user_permissions", of), s.stored("user_permissions", of+" AND permission = 'projects.view'"); all != 1 || projects != 1 {
		s.Errorf("visitor has %d rights, %d of them to see projects", all, projects)
	}
}

func (s *stranger) findsWhoChangedABudget() {
	change := new(models.HistoryEntry)
	if err := s.app.DB.NewSelect().Model(change).Where("CAST(changes AS text) LIKE ?", `%"budget"%`).Where("action = ?", models.HistoryChanged).
		OrderExpr("id DESC").Limit(1).Scan(s.Context()); err != nil {
		s.Fatal(err)
	}
	s.choose("History", "Changed")
	sees(s.T, s.ctx, "changes alone", "location.search.includes('action=changed') && document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling') === null")
	s.choose(change.ObjectLabel)
	s.reads("Budget: EUR ")
	s.reads("User " + change.Username)
}
