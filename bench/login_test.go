package bench

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// djangoHash is the slowest that Django makes by default: a million rounds.
const djangoHash = "pbkdf2_sha256$1000000$KCEC8WhFroYZisiQ8Ia8im$hW7GGvMpho/tl/yZo85eZlJr46q4tY5JylzHso3Nucw="

// refusals are logins that must not be told apart, nor by the time that they take.
var refusals = []struct{ what, username, password string }{
	{"unknown", "nobody", "wrong password"},
	{"wrong password", "ann", "wrong password"},
	{"disabled", "disabled", handlerstest.Password},
	{"unverified, wrong password", "waits", "wrong password"},
	{"Django's hash, wrong password", "django", "wrong password"},
}

// refusedLogins compares the medians of refused logins. They take turns, so that a
// busy moment of the machine hits all alike.
func refusedLogins(b *testing.B) []line {
	const rounds = 25
	app := handlerstest.Start(b, "RATE_LIMIT_API=off", "RATE_LIMIT_SIGNUP=off")
	members(b, app)
	times := make([][]time.Duration, len(refusals))
	for range rounds {
		for i, login := range refusals {
			body := fmt.Sprintf(`{"username":%q,"password":%q}`, login.username, login.password)
			start := time.Now()
			answer := app.PostJSON("/api/token/pair", body)
			times[i] = append(times[i], time.Since(start))
			if answer.Status != http.StatusUnauthorized {
				b.Fatalf("%s: %d %s", login.what, answer.Status, answer.Body)
			}
		}
	}
	huge := hugePassword(b, app)
	app.Kill()
	medians := make([]time.Duration, len(refusals))
	lines := []line{huge}
	for i, login := range refusals {
		medians[i] = quantile(times[i], 50)
		lines = append(lines, line{what: "refused login, " + login.what + ": median", ours: ms(medians[i])})
	}
	least, most := slices.Min(medians), slices.Max(medians)
	return append(lines, line{
		"refused logins: largest difference of medians, beside the least", ms(most - least), ms(least),
		fmt.Sprintf("%.1f %%", 100*float64(most-least)/float64(least)), "< 15 ms or 10 %", "",
	})
}

// hugePassword is how soon a password of 1 MB is refused.
func hugePassword(b *testing.B, app *handlerstest.App) line {
	body := `{"username":"huge","email":"huge@example.com","password":"` + strings.Repeat("long ", 200_000) + `"}`
	var times []time.Duration
	for range 25 {
		start := time.Now()
		answer := app.PostJSON("/api/auth/signup", body)
		times = append(times, time.Since(start))
		if answer.Status != http.StatusBadRequest {
			b.Fatalf("1 MB: %d %s", answer.Status, answer.Body)
		}
	}
	return line{what: "password of 1 MB refused, median", ours: ms(quantile(times, 50)), bar: "< 50 ms"}
}

// members are the accounts of refusals.
func members(b *testing.B, app *handlerstest.App) {
	hash, err := accounts.NewPasswords(1).Hash(context.Background(), handlerstest.Password)
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now().UTC()
	users := []models.User{
		{Username: "ann", Password: hash, IsActive: true, EmailVerifiedAt: now},
		{Username: "disabled", Password: hash, EmailVerifiedAt: now, DisabledAt: now},
		{Username: "waits", Password: hash},
		{Username: "django", Password: djangoHash, IsActive: true, EmailVerifiedAt: now},
	}
	for i := range users {
		users[i].Email, users[i].DateJoined = users[i].Username+"@example.com", now
	}
	if _, err := app.DB.NewInsert().Model(&users).Exec(context.Background()); err != nil {
		b.Fatal(err)
	}
}
