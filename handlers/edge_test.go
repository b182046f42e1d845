package handlers_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// production is an app as it runs for customers, reached as api.example.com.
func production(t *testing.T, env ...string) *handlerstest.App {
	t.Helper()
	return handlerstest.Start(t, append([]string{
		"DJANGO_DEBUG=0", "DJANGO_SECRET_KEY=" + strings.Repeat("s3cret-", 8), "ENV_ALLOWED_HOSTS=api.example.com,.example.org",
		"CORS_ALLOWED_ORIGINS=https://www.example.com,http://localhost:3000", "CORS_ALLOW_HEADERS=X-Tenant, x-trace",
	}, env...)...)
}

var atHome = []string{"Host", "api.example.com"}

func TestOnlyOurOwnHostNamesAreServed(t *testing.T) {
	t.Parallel()
	app := production(t)
	for host, status := range map[string]int{
		"api.example.com": 200, "API.example.com:8443": 200, "example.org": 200, "a.b.example.org": 200,
		"evil.com": 400, "api.example.com.evil.com": 400, "badexample.org": 400, "127.0.0.1": 400,
		"evil.com@api.example.com": 400, "api.example.com/evil": 400, "api.example.com?x": 400, "%61pi.example.com": 400, "api.example.com:x": 400,
	} {
		if answer := app.Raw("GET /api/hello HTTP/1.1\r\nHost: " + host + "\r\nX-Forwarded-Host: api.example.com\r\n\r\n"); answer.Status != status {
			t.Errorf("%s: got %d, want %d", host, answer.Status, status)
		}
	}
	for _, target := range []string{"http://evil.com/api/hello", "http://api.example.com@evil.com/api/hello"} {
		if answer := app.Raw("GET " + target + " HTTP/1.1\r\nHost: api.example.com\r\n\r\n"); answer.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", target, answer.Status)
		}
	}
	for _, probe := range []string{"/healthz", "/readyz", "/metrics"} {
		if answer := app.Get(probe, "Host", "10.0.0.7"); answer.Status != http.StatusOK {
			t.Errorf("%s asks by IP: %d", probe, answer.Status)
		}
	}
	if answer := app.PostJSON("/api/contact", documentedContact, "Host", "evil.com"); answer.Status != http.StatusBadRequest {
		t.Errorf("a submit to another host: %d", answer.Status)
	}
	if messages, _ := stored(t, app); messages != 0 {
		t.Errorf("%d messages are stored", messages)
	}
}

func TestOnlyNamedOriginsMayReadTheAPI(t *testing.T) {
	t.Parallel()
	app := production(t)
	preflight := func(origin string) handlerstest.Answer {
		return app.Do(http.MethodOptions, "/api/contact", "", append(atHome, "Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,idempotency-key")...)
	}
	allowed := preflight("https://www.example.com")
	for header, want := range map[string]string{
		"Access-Control-Allow-Origin":  "https://www.example.com",
		"Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
		"Access-Control-Allow-Headers": "accept, authorization, content-type, idempotency-key, if-match, if-none-match, x-csrftoken, x-request-id, x-requested-with, cache-control, user-agent, sentry-trace, baggage, traceparent, X-Tenant, x-trace",
		"Access-Control-Max-Age":       "86400",
		"Vary":                         "Origin",
	} {
		if got := allowed.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if allowed.Status/100 != 2 || allowed.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: %d, credentials %q", allowed.Status, allowed.Header.Get("Access-Control-Allow-Credentials"))
	}
	for _, origin := range []string{"https://evil.com", "null", "https://www.example.com.evil.com", "http://www.example.com"} {
		refused := preflight(origin)
		for header := range refused.Header {
			if strings.HasPrefix(header, "Access-Control-") {
				t.Errorf("%s gets %s", origin, header)
			}
		}
		if refused.Header.Get("Vary") != "Origin" {
			t.Errorf("%s: Vary %q", origin, refused.Header.Get("Vary"))
		}
	}
	answer := app.PostJSON("/api/contact", documentedContact, append(atHome, "Origin", "http://localhost:3000")...)
	if answer.Header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" || answer.Header.Get("Access-Control-Expose-Headers") != "ETag, Link, Retry-After, X-Request-ID" {
		t.Errorf("a submit from a named origin: %v", answer.Header)
	}
	if broken := app.PostJSON("/api/contact", "{", append(atHome, "Origin", "http://localhost:3000")...); broken.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Error("a named origin may not read why its submit was refused")
	}
	if page := app.Get("/admin/login/", append(atHome, "Origin", "http://localhost:3000")...); page.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the back office has CORS headers")
	}
}

func TestRequestIDIsTakenWhenSaneElseMade(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	const mine = "client-7f3a.0042"
	if got := app.Get("/api/hello", "X-Request-ID", mine).Header.Get("X-Request-ID"); got != mine {
		t.Errorf("got %q back, sent %q", got, mine)
	}
	handlerstest.Eventually(t, 5*time.Second, "the id is in the log", func() bool { return strings.Contains(app.Log(), mine) })
	for _, odd := range []string{"", "x", `a" injected="1`, strings.Repeat("a", 500), "<script>alert(1)</script>"} {
		if got := app.Get("/api/hello", "X-Request-ID", odd).Header.Get("X-Request-ID"); got == odd || !regexp.MustCompile(`^[A-Za-z0-9._-]{16,64}$`).MatchString(got) {
			t.Errorf("sent %q, got %q", odd, got)
		}
	}
	if first, second := app.Get("/api/hello").Header.Get("X-Request-ID"), app.Get("/api/hello").Header.Get("X-Request-ID"); first == second {
		t.Error("two requests share an id")
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	app := production(t)
	for name, answer := range map[string]handlerstest.Answer{
		"an answer":       app.Get("/api/hello", atHome...),
		"a refusal":       app.PostJSON("/api/contact", "{", atHome...),
		"too large":       app.PostJSON("/api/contact", strings.Repeat(" ", 1<<20+1), atHome...),
		"not found":       app.Get("/api/nothing", atHome...),
		"a page":          app.Get("/admin/login/", atHome...),
		"no such page":    app.Get("/admin/nothing/", atHome...),
		"a foreign host":  app.Get("/api/hello", "Host", "evil.com"),
		"a wrong method":  app.Do(http.MethodDelete, "/api/contact", "", atHome...),
		"the API's pages": app.Get("/api/docs", atHome...),
	} {
		for header, want := range map[string]string{
			"X-Content-Type-Options":     "nosniff",
			"X-Frame-Options":            "DENY",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Referrer-Policy":            "same-origin",
			"Cache-Control":              "no-store",
		} {
			if got := answer.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		policy := answer.Header.Get("Content-Security-Policy")
		for _, want := range []string{"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s: %q", name, want, policy)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", name, policy)
		}
		if answer.Header.Get("X-Request-ID") == "" || answer.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: request id %q, HSTS %q", name, answer.Header.Get("X-Request-ID"), answer.Header.Get("Strict-Transport-Security"))
		}
		if server := answer.Header.Get("Server"); server != "" {
			t.Errorf("%s tells what serves it: %q", name, server)
		}
	}
}

func TestUnknownRoutesAndMethodsAnswerTheEnvelope(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, path := range []string{"/api/nothing", "/api/nothing/", "/api/contact/7", "/api", "/api/CONTACT"} {
		answer := app.Get(path)
		if answer.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Status)
			continue
		}
		wantEnvelope(t, answer, "not_found")
	}
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
		for _, path := range []string{"/api/contact", "/api/contact/"} {
			answer := app.Do(method, path, "{}", "Content-Type", "application/json")
			if answer.Status != http.StatusMethodNotAllowed || !strings.Contains(answer.Header.Get("Allow"), "POST") {
				t.Errorf("%s %s: %d, Allow %q", method, path, answer.Status, answer.Header.Get("Allow"))
				continue
			}
			wantEnvelope(t, answer, "method_not_allowed")
		}
	}
	if messages, _ := stored(t, app); messages != 0 {
		t.Errorf("%d messages are stored", messages)
	}
	for _, path := range []string{"/static/..%2fmain.go", "/static/%2e%2e/%2e%2e/go.mod", "/static/../go.mod", "/static/"} {
		if answer := app.Get(path); answer.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Status)
		}
	}
}

func TestPeopleGetPagesAndProgramsJSONWhereThereIsNothing(t *testing.T) {
	t.Parallel()
	app := production(t)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		method, path, accept string
		status               int
		page                 bool
	}{
		{"GET", "/nothing", browser, 404, true},
		{"GET", "/nothing/at/all?x=1", "text/html", 404, true},
		{"GET", "/static/nothing.css", browser, 404, true},
		{"GET", "/apifoo", browser, 404, true},
		{"POST", "/", browser, 405, true},
		{"POST", "/nothing", browser, 404, true},
		{"GET", "/nothing", "*/*", 404, false},
		{"GET", "/nothing", "", 404, false},
		{"GET", "/nothing", "application/json", 404, false},
		{"GET", "/nothing", "application/json, text/html;q=0.1", 404, false},
		{"GET", "/api/nothing", browser, 404, false},
		{"GET", "/api", browser, 404, false},
		{"PUT", "/api/contact", browser, 405, false},
		{"GET", "/admin/login/nothing/", "*/*", 404, true},
		{"GET", "/waitlist/nothing", "application/json", 404, true},
	} {
		answer := app.Do(c.method, c.path, "", append(atHome, "Accept", c.accept, "Accept-Language", "es")...)
		if answer.Status != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, answer.Status)
		}
		if !c.page {
			wantEnvelope(t, answer, map[int]string{404: "not_found", 405: "method_not_allowed"}[c.status])
		} else if !strings.Contains(answer.Header.Get("Content-Type"), "text/html") || !strings.Contains(answer.Body, `lang="es"`) || !strings.Contains(answer.Body, "<h1") {
			t.Errorf("%s %s with Accept %q: %s", c.method, c.path, c.accept, answer.Body)
		}
	}
}

func TestHelloGreets(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, path := range []string{"/api/hello", "/api/hello/"} {
		wantAnswer(t, app.Get(path), http.StatusOK, `{"message":"Hello World"}`)
	}
}

// rawAnswer sends bytes as they are and returns the first line of the answer, or
// why there is none.
func rawAnswer(t *testing.T, app *handlerstest.App, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // its answer is all that counts
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return err.Error()
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(line)
}

// Two servers in a row that read the end of a request differently let its rest in
// as another request.
func TestAmbiguousLengthsAreRefused(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(documentedContact), documentedContact)
	for name, request := range map[string]string{
		"Content-Length and Transfer-Encoding": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
		"Transfer-Encoding and Content-Length": "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + chunked,
		"two Content-Lengths":                  fmt.Sprintf("Content-Length: %d\r\nContent-Length: 5\r\n\r\n%s", len(documentedContact), documentedContact),
		"a negative Content-Length":            "Content-Length: -1\r\n\r\n" + documentedContact,
	} {
		line := rawAnswer(t, app, "POST /api/contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+request)
		if !strings.HasPrefix(line, "HTTP/1.1 400 ") {
			t.Errorf("%s: %s", name, line)
		}
	}
	if messages, _ := stored(t, app); messages != 0 {
		t.Errorf("%d messages are stored", messages)
	}
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for name, half := range map[string]struct {
		request string
		within  time.Duration
	}{
		"a connection that asks nothing": {"", 8 * time.Second},
		"a header that never ends":       {"GET /api/hello HTTP/1.1\r\nHost: x\r\n", 8 * time.Second},
		"a body that never comes":        {fmt.Sprintf("POST /api/contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", len(documentedContact)), 18 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if strings.Contains(half.request, "\r\n\r\n") {
				wantEnvelope(t, app.Raw(half.request), "malformed")
			} else if line := rawAnswer(t, app, half.request); line != io.EOF.Error() {
				t.Errorf("without a question it is told %s", line)
			}
			if took := time.Since(start); took > half.within {
				t.Errorf("after %v", took)
			}
		})
	}
}
