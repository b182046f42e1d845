package djangoimport

import (
	"context"

	"digitalpath/models"
)

// importSocialAccounts keeps one identity of a provider for each user: the one that
// logged in last.
func (r *run) importSocialAccounts(ctx context.Context) error {
	var lastUser int64
	var lastProvider string
	return copying[models.SocialAccount]{
		table: "socialaccount_socialaccount", needed: []string{"provider", "uid", "user_id"},
		query: "SELECT * FROM socialaccount_socialaccount ORDER BY user_id, provider, last_login DESC, id DESC",
		make: func(from *row) made[models.SocialAccount] {
			account := models.SocialAccount{
				ID: from.id("id"), UserID: from.id("user_id"), Provider: models.SocialProvider(from.text("provider", 20)), Subject: from.text("uid", 255),
				CreatedAt: from.timeOr(r.at, "date_joined"), LastLogin: from.timeOr(r.at, "last_login", "date_joined"),
			}
			if r.users[account.UserID] == "" {
				return leave[models.SocialAccount]("its user does not exist")
			}
			if account.Provider != models.Google && account.Provider != models.GitHub {
				return leave[models.SocialAccount]("there is no login by %s here", account.Provider)
			}
			if account.UserID == lastUser && string(account.Provider) == lastProvider {
				return leave[models.SocialAccount]("its user has another identity of %s that logged in later, and an account is linked to one", account.Provider)
			}
			lastUser, lastProvider = account.UserID, string(account.Provider)
			var data struct {
				Email string `json:"email"`
			}
			if from.json("extra_data", &data) {
				account.Email = models.Truncate(models.NormalizeEmail(data.Email), 254)
			}
			return made[models.SocialAccount]{row: account}
		},
		find: byID("social_accounts", func(a *models.SocialAccount) int64 { return a.ID }, func(have, want *models.SocialAccount) bool {
			return have.Provider == want.Provider && have.Subject == want.Subject
		}),
	}.run(ctx, r)
}
