package backoffice

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// passwordHelp says what passwords are taken.
const passwordHelp = "At least 8 characters, not only digits, and not a common password."

// usersModel declares the accounts.
func (b *Backoffice) usersModel() *admin.Model[models.User] {
	all := b.Users
	shown := usersAdmin{all}
	return &admin.Model[models.User]{
		Slug: models.UsersSlug, Name: "User", Plural: "Users", Group: "People", Icon: "user",
		List:    []string{"username", "email", "first_name", "last_name", "is_staff", "is_active", "last_login"},
		Filters: []string{"is_staff", "is_active", "is_superuser", "groups", "last_login", "date_joined"},
		Search:  []string{"username", "email", "first_name", "last_name"},
		Dates:   "date_joined", Excerpt: "email",
		Fieldsets: []admin.Fieldset{
			{Title: "Account", Fields: []string{"username", "email", "first_name", "last_name"}},
			{Title: "Password", Fields: []string{"new_password", "no_password"}},
			{Title: "Permissions", Fields: []string{"permissions"}},
			{Title: "Access", Fields: []string{"is_active", "is_staff", "is_superuser", "groups"}, Aside: true},
			{Title: "Timestamps", Fields: []string{"date_joined", "last_login", "email_verified_at", "disabled_at"}, Aside: true},
		},
		ReadOnly: []string{"date_joined", "last_login", "email_verified_at", "disabled_at"},
		Labels: map[string]string{
			"email": "E-mail", "is_active": "Active", "is_staff": "Staff", "is_superuser": "Superuser", "date_joined": "Joined",
			"email_verified_at": "Address verified", "disabled_at": "Disabled", "permissions": "Own permissions", "no_password": "No password",
		},
		Inputs: map[string]admin.Input{
			"is_active": {Help: "May log in."}, "is_staff": {Help: "May use the back office."}, "is_superuser": {Help: "May do everything."},
			"new_password": {Password: true, Help: "Leave it empty to keep the present one.", NewHelp: passwordHelp},
			"no_password":  {Help: "Log in by a provider or a reset link only."},
			"groups":       {Options: b.Groups.Choices, Having: "SELECT user_id AS id FROM user_groups WHERE group_id = ?"}, "permissions": {Permissions: true, Help: "Besides those of the groups. A superuser needs none."},
		},
		New: func() *models.User { return &models.User{IsActive: true} }, Rows: all, Locked: all.Locked, RowLinks: []admin.Link{b.eraseLink(models.UsersSlug)},
		Side: shown.logins,
		Actions: []admin.Action{
			{Name: "activate", Label: "Activate", Only: map[string]string{"is_active": "false"}, Run: all.Activate, Done: "%d users activated."},
			{Name: "deactivate", Label: "Deactivate", Only: map[string]string{"disabled": "false"}, Run: all.Deactivate, Refuses: all.Unlockable, Done: "%d users deactivated."},
			{Name: "log-out", Label: "Log out everywhere", Run: all.LogOutEverywhere, Final: true, Done: "%d users logged out everywhere."},
			{Name: "send-reset", Label: "Send reset mail", Only: map[string]string{"is_active": "true"}, Run: all.SendReset, Mails: all.ResetMails, Done: "%d reset mails are on their way."},
		},
	}
}

// usersDesk shows what belongs to accounts.
type usersAdmin struct{ all *accounts.Users }

// shownLogins is how many logins the page of an account tells of.
const shownLogins = 20

// logins is the log-in history of an account, the newest first.
func (d usersAdmin) logins(ctx context.Context, user *models.User) ([]adminpages.Timeline, error) {
	sessions, total, err := d.all.Accounts.Logins.LoginHistory(ctx, user.ID, shownLogins)
	if err != nil {
		return nil, err
	}
	panel := adminpages.Timeline{Title: i18n.T(ctx, "Log-in history"), Empty: i18n.T(ctx, "No login yet.")}
	for _, session := range sessions {
		panel.Events = append(panel.Events, loginEvent(ctx, session, d.all.Accounts.Now()))
	}
	if earlier := total - int64(len(sessions)); earlier > 0 {
		panel.More = i18n.T(ctx, "%d earlier logins", earlier)
	}
	return []adminpages.Timeline{panel}, nil
}

// loginEvent tells of one login: where it came from, and what became of it.
func loginEvent(ctx context.Context, session models.Session, now time.Time) adminpages.Event {
	event := adminpages.Event{
		Title: i18n.T(ctx, "API"), Tone: models.ToneNeutral, At: session.CreatedAt,
		Text: i18n.T(ctx, "From %s", session.IPAddress), Code: session.UserAgent,
	}
	if session.Channel == models.ChannelBackoffice {
		event.Title = i18n.T(ctx, "Back office")
	}
	switch {
	case session.Live(now):
		event.Tone, event.Then, event.ThenAt = models.TonePositive, i18n.T(ctx, "Open, last seen"), session.LastSeenAt
	case session.EndedAt.IsZero():
		event.Then, event.ThenAt = i18n.T(ctx, "Ran out"), session.ExpiresAt
	default:
		event.Then, event.ThenAt = i18n.T(ctx, "Ended"), session.EndedAt
	}
	return event
}

// groupsModel declares the sets of permissions that users share.
func groupsModel(all *accounts.Groups) *admin.Model[models.Group] {
	return &admin.Model[models.Group]{
		Slug: models.GroupsSlug, Name: "Group", Plural: "Groups", Group: "People", Icon: "users",
		List: []string{"name", "member_count", "members"}, Search: []string{"name"}, Unindexed: true,
		Fieldsets: []admin.Fieldset{{Title: "Group", Fields: []string{"name", "permissions"}}},
		Labels:    map[string]string{"permissions": "Its members may", "member_count": "Members", "members": "Among them"},
		Inputs:    map[string]admin.Input{"permissions": {Permissions: true}},
		Hint:      "A group gives several people the same rights.",
		Complete: func(ctx context.Context, groups []*models.Group) error {
			if !models.ActorOf(ctx).Rights.May(models.View, models.UsersSlug) {
				return nil
			}
			return all.AddMembers(ctx, groups)
		},
		Rows: all, RowLinks: []admin.Link{{Label: "Members", URL: "members/", Of: models.UsersSlug, Get: showMembers}},
	}
}

// showMembers leads from a group to its members in the list of users.
func showMembers(c *fiber.Ctx) error {
	id, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil {
		return problem.ErrNotFound()
	}
	return c.Redirect(fmt.Sprintf("/admin/%s/?groups=%d", models.UsersSlug, id), fiber.StatusSeeOther)
}
