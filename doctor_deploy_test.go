package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// production is a program with debug off that has no account and has sent no mail.
func production(t *testing.T) *handlerstest.App {
	t.Helper()
	port := handlerstest.FreePort(t)
	return handlerstest.Start(t, "DJANGO_DEBUG=0", "PORT="+port, "BACKEND_URL=http://127.0.0.1:"+port, "ENV_ALLOWED_HOSTS=127.0.0.1",
		"DJANGO_SECRET_KEY="+strings.Repeat("k3y-", 12), frontendAllowed)
}

func TestDeployNamesWhatTheSettingsLeaveOpen(t *testing.T) {
	t.Parallel()
	app := production(t)
	for _, test := range []struct{ setting, check, state, evidence, remedy, mended string }{
		{"DJANGO_DEBUG=1", "debug", "failed", "is on", "DJANGO_DEBUG=0", "is off"},
		{"DJANGO_DEBUG=1\nDJANGO_SECRET_KEY=changeme", "secret", "failed", "shorter than 32 bytes", "openssl rand", ""},
		{"DJANGO_DEBUG=1\nENV_ALLOWED_HOSTS=", "hosts", "failed", "is empty", "ENV_ALLOWED_HOSTS=api.example.com", "api.example.com"},
		{"ENV_ALLOWED_HOSTS=*", "hosts", "warning", "every host", "ENV_ALLOWED_HOSTS=api.example.com", "api.example.com"},
		{"RATE_LIMIT_LOGIN_FAILED=off", "limits", "warning", "RATE_LIMIT_LOGIN_FAILED is off", "RATE_LIMIT_LOGIN_FAILED", ""},
		{"TRUSTED_PROXIES=", "limits", "warning", "TRUSTED_PROXIES is empty", "TRUSTED_PROXIES=10.0.0.0/8", ""},
		{"DJANGO_COMPAT=1", "compat", "warning", "is on", "DJANGO_COMPAT=0", "is off"},
		{"SENTRY_DSN=", "monitoring", "ok", "SENTRY_DSN is not set", "", ""},
		{"SENTRY_DSN=https://key@sentry.example.com/7", "monitoring", "ok", "to Sentry as of production", "", ""},
		{"LOG_LEVEL=error", "monitoring", "warning", "hides warnings", "LOG_LEVEL=info", "from the level info on"},
		{"METRICS_TOKEN=", "monitoring", "warning", "METRICS_TOKEN is not set", "METRICS_TOKEN=", ""},
		{"PORT=8000", "https", "failed", "is not HTTPS", "BACKEND_URL=https://", ""},
		{"BACKEND_URL=http://127.0.0.1:1", "endpoints", "failed", "refused", "curl -si http://127.0.0.1:1/api/hello", ""},
	} {
		t.Run(test.setting, func(t *testing.T) {
			settings := app.Env(strings.Split(test.setting, "\n")...)
			f := examine(t, settings, "--deploy").want(test.check, test.state, test.evidence, test.remedy)
			if test.mended != "" {
				examine(t, append(settings, f.Remedy), "--deploy").want(test.check, "ok", test.mended, "")
			}
		})
	}
}

func TestDeployTicksWhatWasDone(t *testing.T) {
	t.Parallel()
	app := production(t)
	before := examine(t, app.Env(), "--deploy")
	before.want("superuser", "failed", "There is none", "digitalpath createsuperuser")
	before.want("sent", "warning", "No mail was sent", "--send-to")
	before.want("logins", "warning", "Nobody has logged in", "/admin/login/")
	before.want("backups", "warning", "No backup was made", "digitalpath backup FILE")
	before.want("backups", "warning", "in a drill", "digitalpath restore --drill FILE")
	before.want("endpoints", "ok", "/api/hello answers", "")
	before.want("endpoints", "ok", "/readyz answers", "")
	before.want("static", "ok", "binary", "")

	file := filepath.Join(t.TempDir(), "nightly.backup")
	mustRun(t, app.Env(), "backup", file)
	mustRun(t, app.Env(), "restore", "--drill", file)
	app.CreateSuperuser()
	if pair := app.PostJSON("/api/token/pair", `{"username":"`+handlerstest.Username+`","password":"`+handlerstest.Password+`"}`); pair.Status != 200 {
		t.Fatalf("log in: %s", pair.Body)
	}
	app.MustSubmit("Ann")
	handlerstest.Eventually(t, handlerstest.StartTime, "the mail went out", func() bool { return len(app.Mails.Accepted()) == 1 })

	var after diagnosis
	handlerstest.Eventually(t, handlerstest.StartTime, "the attempt is noted", func() bool {
		after = examine(t, app.Env(), "--deploy")
		return !strings.Contains(after.String(), "No mail was sent yet")
	})
	after.want("superuser", "ok", "1", "")
	after.want("sent", "ok", "250", "")
	after.want("logins", "ok", "at 20", "")
	after.want("backups", "ok", "Backed up: nightly.backup", "")
	after.want("backups", "ok", "Restored in a drill: nightly.backup", "")
	after.want("passwords", "ok", "None of", "")
}

func TestDeployNamesAccountsThatAnybodyCanGuess(t *testing.T) {
	t.Parallel()
	app := production(t)
	app.CreateSuperuser()
	for _, password := range []string{"changeme123", "iloveyou"} {
		hash, err := accounts.NewPasswords(1).Hash(context.Background(), password)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := app.DB.NewUpdate().Model((*models.User)(nil)).Set("password = ?", hash).Where("username = ?", handlerstest.Username).Exec(context.Background()); err != nil {
			t.Fatal(err)
		}
		f := examine(t, app.Env(), "--deploy").want("passwords", "failed", "of "+handlerstest.Username, "digitalpath changepassword "+handlerstest.Username)
		var out bytes.Buffer
		typed := strings.NewReader("swordfish hat 77\nswordfish hat 77\n")
		if err := run(context.Background(), strings.Fields(f.Remedy)[1:], app.Env(), typed, &out, &out); err != nil {
			t.Fatalf("%s: %v\n%s", f.Remedy, err, &out)
		}
	}
	examine(t, app.Env(), "--deploy").want("passwords", "ok", "None of", "")
}
