package backoffice

import (
	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// socialAccountsModel declares the identities that people log in with. Deleting one
// unlinks it.
func socialAccountsModel(logins *accounts.SocialLogins) *admin.Model[models.SocialAccount] {
	return &admin.Model[models.SocialAccount]{
		Slug: models.SocialAccountsSlug, Name: "Social account", Plural: "Social accounts",
		Group: "People", Icon: "key",
		List:    []string{"user.username", "provider", "email", "created_at", "last_login"},
		Filters: []string{"provider", "created_at", "last_login"},
		Search:  []string{"user.username", "email", "subject"}, Unindexed: true, // of two tables
		Dates: "created_at",
		Fieldsets: []admin.Fieldset{
			{Title: "Identity", Fields: []string{"user.username", "provider", "email", "subject"}},
			{Title: "Timestamps", Fields: []string{"created_at", "last_login"}},
		},
		Labels: map[string]string{
			"user.username": "User", "email": "Provider's e-mail", "subject": "Provider's id", "created_at": "Linked", "last_login": "Last login",
		},
		Excerpt: "email",
		Title:   func(row *models.SocialAccount) string { return row.User.Username + ", " + row.Provider.Label() },
		Hint:    "Who logs in with Google or GitHub appears here.",
		Delete:  logins.UnlinkAll,
	}
}
