package handlers_test

import (
	"net"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

func TestMetricsAreForWhoKnowsTheTokenAndForThisMachine(t *testing.T) {
	t.Parallel()
	production := []string{"DJANGO_DEBUG=0", "ENV_ALLOWED_HOSTS=*", "DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12)}
	const token = "t0ken-of-prometheus"
	app := handlerstest.Start(t, append(production, "METRICS_TOKEN="+token, "TRUSTED_PROXIES=127.0.0.1/32")...)
	without := handlerstest.Start(t, production...)
	elsewhere := []string{"X-Forwarded-For", "203.0.113.7"}
	for _, test := range []struct {
		name    string
		app     *handlerstest.App
		headers []string
		status  int
	}{
		{"this machine", app, nil, 200},
		{"a proxy on this machine", app, elsewhere, 401},
		{"a proxy that writes RFC 7239", app, []string{"Forwarded", "for=203.0.113.7"}, 401},
		{"a proxy that names the host alone", app, []string{"X-Forwarded-Host", "api.example.com"}, 401},
		{"the token", app, append(elsewhere, "Authorization", "Bearer "+token), 200},
		{"the token, spelt otherwise", app, append(elsewhere, "Authorization", "bearer "+token), 200},
		{"another token", app, append(elsewhere, "Authorization", "Bearer "+token+"x"), 401},
		{"an empty token", app, append(elsewhere, "Authorization", "Bearer "), 401},
		{"the token as a password", app, append(elsewhere, "Authorization", "Basic "+token), 401},
		{"no token is set", without, append(elsewhere, "Authorization", "Bearer "), 401},
		{"this machine, no token is set", without, nil, 200},
	} {
		answer := test.app.Get("/metrics", test.headers...)
		if answer.Status != test.status || strings.Contains(answer.Body, "mail_waiting") != (test.status == 200) {
			t.Errorf("%s: %d", test.name, answer.Status)
		}
		if test.status == 401 && !strings.HasPrefix(answer.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: WWW-Authenticate is %q", test.name, answer.Header.Get("WWW-Authenticate"))
		}
	}
	wantRefusedFromOutside(t, app)
}

// wantRefusedFromOutside asks by an address of this machine that is not loopback, where
// it has one.
func wantRefusedFromOutside(t *testing.T, app *handlerstest.App) {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	inside := app.URL
	defer func() { app.URL = inside }()
	for _, address := range addresses {
		if ip, ok := address.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			app.URL = "http://" + net.JoinHostPort(ip.IP.String(), inside[strings.LastIndexByte(inside, ':')+1:])
			if answer := app.Get("/metrics"); answer.Status != 401 {
				t.Errorf("from %s: %d", ip.IP, answer.Status)
			}
		}
	}
}
