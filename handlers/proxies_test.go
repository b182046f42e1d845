package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// clientOf sends a request with headers and reads from the log who is held to ask.
func clientOf(t *testing.T, app *handlerstest.App, id, headers string) string {
	t.Helper()
	app.Raw("GET /api/hello HTTP/1.1\r\nHost: x\r\nX-Request-ID: " + id + "\r\n" + headers + "\r\n")
	line := regexp.MustCompile(` ip=(\S*) request_id=` + id + `\n`)
	handlerstest.Eventually(t, 5*time.Second, "the request is logged", func() bool { return line.MatchString(app.Log()) })
	return strings.Trim(line.FindStringSubmatch(app.Log())[1], `"`)
}

func TestClientIsTheRightmostHopThatIsNoTrustedProxy(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "TRUSTED_PROXIES=127.0.0.1/32,10.0.0.0/8,fd00::/8")
	for i, c := range []struct{ lines, want string }{
		{"", "127.0.0.1"},
		{"X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
		{"X-Forwarded-For: 6.6.6.6, 203.0.113.7\r\n", "203.0.113.7"},
		{"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
		{"x-forwarded-for: 6.6.6.6, 7.7.7.7\r\nAccept: */*\r\nX-FORWARDED-FOR: 203.0.113.7, 10.1.2.3\r\n", "203.0.113.7"},
		{"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: \r\n", "203.0.113.7"},
		{"X-Forwarded-For: 203.0.113.7,\t, 10.0.0.1 ,\r\n", "203.0.113.7"},
		{"X-Forwarded-For: 203.0.113.7:51234\r\n", "203.0.113.7"},
		{"X-Forwarded-For: 203.0.113.7:51234, 10.0.0.1:80\r\n", "203.0.113.7"},
		{"X-Forwarded-For: [2001:db8::7]:51234\r\n", "2001:db8::7"},
		{"X-Forwarded-For: [2001:db8::7]\r\n", "2001:db8::7"},
		{"X-Forwarded-For: 2001:DB8:0::7\r\n", "2001:db8::7"},
		{"X-Forwarded-For: 2001:db8::7, [fd00::1]:443, fd00::2%eth0\r\n", "2001:db8::7"},
		{"X-Forwarded-For: ::ffff:203.0.113.7\r\n", "203.0.113.7"},
		{"X-Forwarded-For: [::ffff:203.0.113.7]:51234, ::ffff:10.0.0.1\r\n", "203.0.113.7"},
		{"X-Forwarded-For: 203.0.113.7, unknown, 10.0.0.1\r\n", "10.0.0.1"}, // nothing left of what is no address counts
		{"X-Forwarded-For: 203.0.113.7, _hidden\r\n", "127.0.0.1"},
		{"X-Forwarded-For: 203.0.113.7, 203.0.113.7:x\r\n", "127.0.0.1"},
		{"X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n", "10.0.0.1"},
	} {
		if got := clientOf(t, app, fmt.Sprintf("hop-%05d", i), c.lines); got != c.want {
			t.Errorf("%q: %s, want %s", c.lines, got, c.want)
		}
	}
	mapped := handlerstest.Start(t, "TRUSTED_PROXIES=::ffff:127.0.0.0/104")
	if got := clientOf(t, mapped, "mapped-00001", "X-Forwarded-For: 203.0.113.7\r\n"); got != "203.0.113.7" {
		t.Errorf("a proxy named by its mapped address: %s", got)
	}
	alone := handlerstest.Start(t)
	if got := clientOf(t, alone, "alone-000001", "X-Forwarded-For: 203.0.113.7\r\nX-Real-IP: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\n"); got != "127.0.0.1" {
		t.Errorf("without trusted proxies: %s", got)
	}
}

func TestLimitsCountAnIPv6NetworkAsOneClient(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "TRUSTED_PROXIES=127.0.0.0/8", "RATE_LIMIT_WAITLIST=2/m/ip")
	for i, c := range []struct {
		ip     string
		status int
	}{
		{"2001:db8:1:1::1", 201}, {"2001:db8:1:1::2", 201}, {"2001:db8:1:1:ffff:ffff:ffff:ffff", 429}, {"[2001:db8:1:1::9]:4711", 429},
		{"2001:db8:1:2::1", 201},
		{"198.51.100.1", 201}, {"::ffff:198.51.100.1", 201}, {"198.51.100.1:4711", 429}, {"[::ffff:c633:6401]:4711", 429},
		{"198.51.100.2", 201},
	} {
		body := fmt.Sprintf(`{"email":"visitor%d@example.com"}`, i)
		if answer := app.PostJSON("/api/waitlists/", body, "X-Forwarded-For", c.ip); answer.Status != c.status {
			t.Errorf("%s: %d, want %d", c.ip, answer.Status, c.status)
		}
	}
}

// The address of the OAuth callback is where the program believes that it was asked.
func TestTrustedProxiesSayWhereARequestCameTo(t *testing.T) {
	t.Parallel()
	const trusted = "TRUSTED_PROXIES=127.0.0.1/32"
	for name, c := range map[string]struct {
		env     []string
		headers string
		want    string // "": refused
	}{
		"nothing forwarded":            {[]string{trusted}, "Host: api.example.com\r\n", "https://api.example.com"},
		"scheme and host":              {[]string{trusted}, "Host: 10.0.0.9:8000\r\nX-Forwarded-Host: api.example.com\r\nX-Forwarded-Proto: http\r\n", "http://api.example.com"},
		"a port":                       {[]string{trusted}, "Host: web\r\nX-Forwarded-Host: a.example.org:8443\r\nX-Forwarded-Proto: HTTPS\r\n", "https://a.example.org:8443"},
		"lists and lines":              {[]string{trusted}, "Host: web\r\nX-Forwarded-Host: evil.com, api.example.com\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n", "http://api.example.com"},
		"no scheme that we know":       {[]string{trusted}, "Host: api.example.com\r\nX-Forwarded-Proto: javascript\r\n", "https://api.example.com"},
		"a foreign host":               {[]string{trusted}, "Host: api.example.com\r\nX-Forwarded-Host: evil.com\r\n", ""},
		"a host that is none":          {[]string{trusted}, "Host: api.example.com\r\nX-Forwarded-Host: api.example.com/evil\r\n", ""},
		"of who is not trusted":        {[]string{"TRUSTED_PROXIES=10.0.0.0/8"}, "Host: api.example.com\r\nX-Forwarded-Host: a.example.org\r\nX-Forwarded-Proto: http\r\n", "https://api.example.com"},
		"of who is not trusted, alone": {nil, "Host: evil.com\r\nX-Forwarded-Host: api.example.com\r\n", ""},
		"BACKEND_URL wins":             {[]string{trusted, "BACKEND_URL=https://backend.example.com"}, "Host: web\r\nX-Forwarded-Host: api.example.com\r\nX-Forwarded-Proto: http\r\n", "https://backend.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := production(t, append(c.env, "GITHUB_CLIENT_ID=id", "GITHUB_CLIENT_SECRET=secret")...)
			answer := app.Raw("GET /accounts/github/login/ HTTP/1.1\r\n" + c.headers + "\r\n")
			if c.want == "" {
				if answer.Status != http.StatusBadRequest {
					t.Errorf("%d %s", answer.Status, answer.Header.Get("Location"))
				}
				return
			}
			target, err := url.Parse(answer.Header.Get("Location"))
			if err != nil || target.Query().Get("redirect_uri") != c.want+"/accounts/github/login/callback/" {
				t.Errorf("%d %s (%v)", answer.Status, target, err)
			}
		})
	}
}
