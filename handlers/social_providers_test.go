package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

// The frontend asks which buttons of social login to show.
func TestProvidersAreThoseWithCredentials(t *testing.T) {
	t.Parallel()
	for want, env := range map[string][]string{
		`{"providers":[]}`: nil,
		`{"providers":[{"provider":"google","url":"https://api.example.com/accounts/google/login/"}]}`: {"GOOGLE_CLIENT_ID=id", "GOOGLE_CLIENT_SECRET=secret"},
	} {
		app := handlerstest.Start(t, append(env, "BACKEND_URL=https://api.example.com")...)
		if answer := app.Get("/api/auth/providers"); answer.Status != http.StatusOK || strings.TrimSpace(answer.Body) != want {
			t.Errorf("%d %s, want %s", answer.Status, answer.Body, want)
		}
	}
}
