package backoffice

import (
	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// socialAccountsModel declares the identities that people log in with. Deleting one
// unlinks it.
func socialAccountsModel(logins *accounts.SocialLogins) *admin.Model[models.NamedSocialAccount] {
	return &admin.Model[models.NamedSocialAccount]{
		Slug: models.SocialAccountsSlug, Name: "Social account", Plural: "Social accounts",
		Group: "People", Icon: "key",
		List:    []string{"username", "provider", "email", "created_at", "last_login"},
		Filters: []string{"provider", "created_at", "last_login"},
		Search:  []string{"username", "email", "subject"}, Unindexed: true, // a view, which has no index
		Dates: "created_at",
		Fieldsets: []admin.Fieldset{
			{Title: "Identity", Fields: []string{"username", "provider", "email", "subject"}},
			{Title: "Timestamps", Fields: []string{"created_at", "last_login"}},
		},
		Labels: map[string]string{
			"username": "User", "email": "Provider's e-mail", "subject": "Provider's id", "created_at": "Linked", "last_login": "Last login",
		},
		Excerpt: "email",
		Title:   func(row *models.NamedSocialAccount) string { return row.Username + ", " + row.Provider.Label() },
		Hint:    "Who logs in with Google or GitHub appears here.",
		Delete:  logins.UnlinkAll,
	}
}
