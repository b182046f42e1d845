package handlers_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

// A browser goes through every flow of the example, on another origin than the program:
// as built, and as in development, where React renders everything twice.
func TestExampleGoesThroughEveryFlow(t *testing.T) {
	if os.Getenv("TEST_EXAMPLE") == "" {
		t.Skip("it needs npm packages: make test-example")
	}
	// In development a page takes longer than a token would live that is for the built app.
	for name, mode := range map[string]struct{ rotates, life string }{"start": {"1", "2"}, "dev": {"0", "8"}} {
		t.Run(name, func(t *testing.T) {
			providers := handlerstest.NewProviders(t)
			providers.LogIn(handlerstest.GitHubHost, handlerstest.Person{ID: 12, Email: "octo@example.com", Verified: true, Nickname: "octo"})
			providers.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 12, Email: "gina@example.com", Verified: true, First: "Gina"})
			origin := "http://localhost:" + handlerstest.FreePort(t)
			app := handlerstest.Start(t, append(providers.Env(), "FRONTEND_URL="+origin, "CORS_ALLOWED_ORIGINS="+origin, "TRUSTED_PROXIES=127.0.0.1/32,::1/128",
				"EMAIL_HOST=", "CONTACT_RECIPIENTS=", "DEFAULT_FROM_EMAIL=", "EMAIL_FILE_PATH="+t.TempDir(), "RATE_LIMIT_SIGNUP=off", "RATE_LIMIT_CONFIRM=off", "RATE_LIMIT_API=off",
				"JWT_ACCESS_TOKEN_LIFETIME="+mode.life+"s", "JWT_ROTATE_REFRESH_TOKENS="+mode.rotates)...)
			flows := exec.Command("npx", "playwright", "test")
			flows.Dir = "../examples/nextjs"
			flows.Env = append(os.Environ(), "API_URL="+app.URL, "ORIGIN="+origin, "MODE="+name, "ACCESS_LIFE="+mode.life, "PROXY_URL="+providers.ProxyURL, "NEXT_TELEMETRY_DISABLED=1")
			if said, err := flows.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if strings.Contains(app.Log(), "level=ERROR") {
				t.Errorf("the program logs errors:\n%s", app.Log())
			}
		})
	}
}
