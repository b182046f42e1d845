package handlers_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

const ourFrontend = "https://www.example.com"

// head is the start of a request from a frontend to our production host.
func head(method, target string, lines ...string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: api.example.com\r\nOrigin: " + ourFrontend + "\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
}

// filled makes a head of exactly so many bytes, with a large cookie.
func filled(bytes int, method, target string, lines ...string) string {
	lines = append(lines, "Cookie: a=")
	return head(method, target, append(lines[:len(lines)-1], "Cookie: a="+strings.Repeat("x", bytes-len(head(method, target, lines...))))...)
}

func TestHeadsUpTo16KBAreReadAndLargerOnesRefused(t *testing.T) {
	t.Parallel()
	app := production(t)
	cjk := strings.Repeat("%E4%B8%AD", 150)
	manyLines := make([]string, 700)
	for i := range manyLines {
		manyLines[i] = fmt.Sprintf("X-Line-%03d: 0123456789012", i)
	}
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"a search of 150 CJK letters": {head("GET", "/api/hello?search="+cjk), 200},
		"12 KB of cookies":            {filled(12<<10, "GET", "/api/hello"), 200},
		"a page":                      {filled(12<<10, "GET", "/admin/login/"), 200},
		"16,384 bytes":                {filled(16384, "GET", "/api/hello"), 200},
		"16,385 bytes":                {filled(16385, "GET", "/api/hello"), 431},
		"a long address":              {head("GET", "/api/hello?x="+strings.Repeat("x", 16384)), 431},
		"many headers":                {head("GET", "/api/hello", manyLines...), 431},
		"with a body":                 {filled(20<<10, "POST", "/api/contact", "Content-Type: application/json", "Content-Length: 2") + "{}", 431},
		"where there is nothing":      {filled(17<<10, "GET", "/api/nothing"), 431},
		"32,000 bytes":                {filled(32000, "GET", "/api/hello"), 431},
		"200 KB, of which the origin can't be known": {filled(200_000, "GET", "/api/hello"), 431},
	} {
		answer := app.Raw(c.request)
		if answer.Status != c.status {
			t.Errorf("%s: %d, want %d", name, answer.Status, c.status)
			continue
		}
		if c.status != http.StatusRequestHeaderFieldsTooLarge {
			continue
		}
		wantEnvelope(t, answer, "head_too_large")
		if origin := answer.Header.Get("Access-Control-Allow-Origin"); origin != ourFrontend && len(c.request) <= 32<<10 {
			t.Errorf("%s: the frontend may not read it: %q", name, origin)
		}
		wantLogged(t, app, answer)
	}
}

// wantLogged waits for the line that tells of the request.
func wantLogged(t *testing.T, app *handlerstest.App, answer handlerstest.Answer) {
	t.Helper()
	id := answer.Header.Get("X-Request-Id")
	handlerstest.Eventually(t, 5*time.Second, "a line tells of "+id, func() bool { return id != "" && strings.Contains(app.Log(), id) })
}

// sendAll writes the whole request before it reads any of the answer, as proxies do. It
// fails where the connection is reset on the way.
func sendAll(t *testing.T, app *handlerstest.App, request io.Reader) (*http.Response, string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // its answer is all that counts
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(conn, request); err != nil {
		return nil, "", fmt.Errorf("while it sends: %w", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, "", fmt.Errorf("while it reads: %w", err)
	}
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

func TestEarlyRefusalsReachClientsThatStillSend(t *testing.T) {
	t.Parallel()
	app := production(t)
	const mb = 1 << 20
	const contact, json, chunked = "/api/contact", "Content-Type: application/json", "Transfer-Encoding: chunked"
	length := func(n int) string { return fmt.Sprint("Content-Length: ", n) }
	chunks := func(n int) string {
		return strings.Repeat("8000\r\n"+strings.Repeat("x", 0x8000)+"\r\n", n/0x8000) + "0\r\n\r\n"
	}
	for name, c := range map[string]struct {
		head, body string
		status     int
		code       string
	}{
		"5 MB":                          {head("POST", contact, json, length(5*mb)), strings.Repeat("x", 5*mb), 413, "too_large"},
		"a little too much":             {head("POST", contact, json, length(mb+1)), strings.Repeat("x", mb+1), 413, "too_large"},
		"60 MB":                         {head("POST", contact, json, length(60*mb)), strings.Repeat("x", 60*mb), 413, "too_large"},
		"5 MB in chunks":                {head("POST", contact, json, chunked), chunks(5 * mb), 413, "too_large"},
		"5 MB to nowhere":               {head("POST", "/api/nothing", length(5*mb)), strings.Repeat("x", 5*mb), 413, "too_large"},
		"5 MB with GET":                 {head("GET", "/api/hello", length(5*mb)), strings.Repeat("x", 5*mb), 413, "too_large"},
		"compressed":                    {head("POST", contact, json, "Content-Encoding: br", length(mb)), strings.Repeat("x", mb), 415, "unsupported_media_type"},
		"compressed, in chunks":         {head("POST", contact, json, "Content-Encoding: gzip", chunked), chunks(5 * mb), 415, "unsupported_media_type"},
		"a large head":                  {filled(20<<10, "POST", contact, json, length(mb)), strings.Repeat("x", mb), 431, "head_too_large"},
		"a head beyond all bounds":      {filled(100<<10, "POST", contact, json, length(mb)), strings.Repeat("x", mb), 431, "head_too_large"},
		"a foreign host":                {strings.Replace(head("POST", contact, json, length(5*mb)), "api.example.com", "evil.com", 1), strings.Repeat("x", 5*mb), 400, "invalid"},
		"a length that is ambiguous":    {head("POST", contact, json, chunked, length(5)), chunks(5 * mb), 400, "malformed"},
		"an encoding without an end":    {head("GET", "/api/hello", "Transfer-Encoding: identity"), strings.Repeat("x", mb), 400, "malformed"},
		"a malformed chunk":             {head("POST", contact, json, chunked), "zz\r\n" + strings.Repeat("x", mb), 400, "malformed"},
		"what is no request":            {"hello\r\n\r\n", strings.Repeat("x", mb), 400, "malformed"},
		"HTTP/2.0":                      {strings.Replace(head("POST", contact, json, length(mb)), "HTTP/1.1", "HTTP/2.0", 1), strings.Repeat("x", mb), 400, "malformed"},
		"a type of its own, after that": {head("POST", contact, "Content-Type: text/plain", length(mb)), strings.Repeat("x", mb), 415, "unsupported_media_type"},
	} {
		for range 3 {
			response, body, err := sendAll(t, app, io.MultiReader(strings.NewReader(c.head), strings.NewReader(c.body)))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			if response.StatusCode != c.status || !strings.Contains(body, `"code":"`+c.code+`"`) {
				t.Errorf("%s: %d %s", name, response.StatusCode, body)
			}
			readable := response.Header.Get("Access-Control-Allow-Origin") == ourFrontend
			if named := strings.Contains(c.head, ourFrontend) && len(c.head) <= 32<<10; readable != named {
				t.Errorf("%s: that the frontend may read it is %v", name, readable)
			}
		}
	}
	if messages, _ := stored(t, app); messages != 0 {
		t.Errorf("%d messages are stored", messages)
	}
}

func TestImportedFilesHaveALimitOfTheirOwn(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for path, limit := range map[string]int{"/admin/waitlist/import/": 4 << 20, "/admin/waitlist/import": 4 << 20, "/admin/waitlist/import/x": 1 << 20, "/api/contact?x=/admin/import": 1 << 20, "/admin/login/": 1 << 20} {
		for size, tooLarge := range map[int]bool{limit: false, limit + 1: true} {
			answer := app.Do("POST", path, strings.Repeat("x", size), "Content-Type", "text/plain")
			if (answer.Status == http.StatusRequestEntityTooLarge) != tooLarge {
				t.Errorf("%d bytes to %s: %d", size, path, answer.Status)
			}
			if tooLarge && !strings.Contains(answer.Body, fmt.Sprintf("larger than %d MB", limit>>20)) {
				t.Errorf("%s does not name its limit: %s", path, answer.Body)
			}
		}
	}
}

// A client that waits for "100 Continue" and gets it sends megabytes for nothing.
func TestNobodyIsToldToGoOnBeforeARefusal(t *testing.T) {
	t.Parallel()
	app := production(t)
	const expect, json, length = "Expect: 100-continue", "Content-Type: application/json", "Content-Length: 500"
	for name, c := range map[string]struct{ request, line string }{
		"too large":                          {head("POST", "/api/contact", expect, "Content-Length: 5000000"), "HTTP/1.1 413 Request Entity Too Large"},
		"compressed":                         {head("POST", "/api/contact", expect, "Content-Length: 500", "Content-Encoding: gzip"), "HTTP/1.1 415 Unsupported Media Type"},
		"a large head":                       {filled(20_000, "POST", "/api/contact", expect, "Content-Length: 500"), "HTTP/1.1 431 Request Header Fields Too Large"},
		"no route":                           {head("POST", "/api/nothing", expect, json, length), "HTTP/1.1 404 Not Found"},
		"no id":                              {head("PATCH", "/api/projects/x/", expect, json, length), "HTTP/1.1 404 Not Found"},
		"no page":                            {head("POST", "/nothing", expect, "Content-Type: multipart/form-data; boundary=x", length), "HTTP/1.1 404 Not Found"},
		"no method":                          {head("PUT", "/api/contact/", expect, json, length), "HTTP/1.1 405 Method Not Allowed"},
		"no such verb":                       {head("BREW", "/api/contact/", expect, json, length), "HTTP/1.1 405 Method Not Allowed"},
		"nobody":                             {head("POST", "/api/projects/", expect, json, length), "HTTP/1.1 401 Unauthorized"},
		"a bad token":                        {head("PATCH", "/api/me", expect, json, length, "Authorization: Bearer x.y.z"), "HTTP/1.1 401 Unauthorized"},
		"in chunks":                          {head("POST", "/api/me/password", expect, json, "Transfer-Encoding: chunked"), "HTTP/1.1 401 Unauthorized"},
		"another type":                       {head("POST", "/api/contact", expect, "Content-Type: text/plain", length), "HTTP/1.1 415 Unsupported Media Type"},
		"no type":                            {head("POST", "/api/token/pair/", expect, length), "HTTP/1.1 415 Unsupported Media Type"},
		"another host":                       {strings.Replace(head("POST", "/api/contact", expect, json, length), "api.example.com", "evil.example", 1), "HTTP/1.1 400 Bad Request"},
		"all is well":                        {head("POST", "/api/contact", expect, json, length), "HTTP/1.1 100 Continue"},
		"a stale token where none is needed": {head("POST", "/api/waitlists/", expect, json, length, "Authorization: Bearer x.y.z"), "HTTP/1.1 100 Continue"},
		"a form":                             {head("POST", "/admin/login/", expect, "Content-Type: application/x-www-form-urlencoded", length), "HTTP/1.1 100 Continue"},
	} {
		start := time.Now()
		if line := rawAnswer(t, app, c.request); line != c.line {
			t.Errorf("%s: %s", name, line)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: after %v", name, took)
		}
	}
	response, body, err := sendAll(t, app, strings.NewReader(head("POST", "/api/contact", expect, "Content-Length: 5000000")+strings.Repeat("x", 5_000_000)))
	if err != nil || response.StatusCode != 413 || response.Header.Get("Access-Control-Allow-Origin") != ourFrontend || !strings.Contains(body, "too_large") {
		t.Errorf("who goes on unasked: %v %v", response, err)
	}
}

// sendExpecting sends a body once it is asked for, and returns the status lines that come.
func sendExpecting(t *testing.T, app *handlerstest.App, head, body string) (lines []string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // its answer is all that counts
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	for _, part := range []string{head, body} {
		if _, err := io.WriteString(conn, part); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, response.Status)
	}
	return lines
}

func TestRequestThatAsksBeforeItsBodyIsOneRequest(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "RATE_LIMIT_CONTACT=2/m/key")
	want := "100 Continue, 200 OK"
	for n := range 3 {
		if n == 2 {
			want = "100 Continue, 429 Too Many Requests"
		}
		body := fmt.Sprintf(`{"name":"Ann","email":"ann@example.com","message":"Hello, this is message %d."}`, n)
		lines := sendExpecting(t, app, head("POST", "/api/contact/", "Expect: 100-continue", "Content-Type: application/json",
			fmt.Sprint("Content-Length: ", len(body))), body)
		if got := strings.Join(lines, ", "); got != want {
			t.Errorf("message %d: %s, want %s", n, got, want)
		}
	}
	if messages, _ := stored(t, app); messages != 2 {
		t.Errorf("%d messages are stored", messages)
	}
	handlerstest.Eventually(t, 5*time.Second, "three lines of the log", func() bool { return strings.Count(app.Log(), "path=/api/contact/") == 3 })
}

func TestOnlyHTTP1IsSpoken(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for version, status := range map[string]string{
		"HTTP/1.1": "200", "HTTP/1.0": "200", "HTTP/2.0": "400", "HTTP/3.0": "400", "HTTP/0.9": "400", "HTTP/9.9": "400", "http/1.1": "400", "HTTP/1": "400", "HTTP/11": "400", "": "400",
	} {
		line := rawAnswer(t, app, "GET /api/hello "+version+"\r\nHost: x\r\n\r\n")
		if got := strings.Fields(line); len(got) < 2 || got[1] != status {
			t.Errorf("%s: %s", version, line)
		}
	}
}

// Each row is refused for the first of its faults, in the order of docs/contract.md.
func TestRefusalsComeInOneOrder(t *testing.T) {
	t.Parallel()
	app := production(t)
	big := strings.Repeat("x", 1<<20+1)
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		code               string
	}{
		"host, before size":               {"POST", "/api/contact", big, []string{"Host", "evil.com"}, 400, "invalid"},
		"host, before route":              {"GET", "/api/nothing", "", []string{"Host", "evil.com"}, 400, "invalid"},
		"size, before route":              {"POST", "/api/nothing", big, nil, 413, "too_large"},
		"encoding, before route":          {"POST", "/api/nothing", "x", []string{"Content-Encoding", "gzip"}, 415, "unsupported_media_type"},
		"encoding, before method":         {"PUT", "/api/contact", "x", []string{"Content-Encoding", "gzip"}, 415, "unsupported_media_type"},
		"size, before authentication":     {"POST", "/api/projects/", big, nil, 413, "too_large"},
		"route, before media type":        {"POST", "/api/nothing", "x", []string{"Content-Type", "text/plain"}, 404, "not_found"},
		"route, before authentication":    {"GET", "/api/projects/1/nothing", "", nil, 404, "not_found"},
		"method, before media type":       {"PUT", "/api/contact", "x", []string{"Content-Type", "text/plain"}, 405, "method_not_allowed"},
		"method, before authentication":   {"DELETE", "/api/projects/", "", nil, 405, "method_not_allowed"},
		"authentication, before type":     {"POST", "/api/projects/", "x", []string{"Content-Type", "text/plain"}, 401, "not_authenticated"},
		"authentication, without a type":  {"PATCH", "/api/me", "", nil, 401, "not_authenticated"},
		"authentication, before the body": {"POST", "/api/me/password", "{", []string{"Content-Type", "application/json"}, 401, "not_authenticated"},
		"media type, before the body":     {"POST", "/api/contact", "{", []string{"Content-Type", "text/json"}, 415, "unsupported_media_type"},
		"no media type":                   {"POST", "/api/contact", "", nil, 415, "unsupported_media_type"},
		"a form is a media type":          {"POST", "/api/contact", "--x", []string{"Content-Type", "multipart/form-data; boundary=x"}, 415, "unsupported_media_type"},
		"a form with what is no text":     {"POST", "/api/contact", "a=%ff", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"},
		"the body":                        {"POST", "/api/contact", "{", []string{"Content-Type", "application/json; charset=utf-8"}, 400, "malformed"},
	} {
		answer := app.Do(c.method, c.path, c.body, append([]string{"Host", "api.example.com", "Origin", ourFrontend}, c.headers...)...)
		if answer.Status != c.status {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
			continue
		}
		wantEnvelope(t, answer, c.code)
		if answer.Header.Get("Access-Control-Allow-Origin") != ourFrontend {
			t.Errorf("%s: the frontend may not read it", name)
		}
	}
}

func TestAllowNamesTheMethodsOfThatPath(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, c := range []struct{ method, path, allow string }{
		{"GET", "/api/contact", "POST"},
		{"OPTIONS", "/api/contact", "POST"},
		{"POST", "/api/hello/", "GET, HEAD"},
		{"DELETE", "/api/projects/", "GET, HEAD, POST"},
		{"POST", "/api/projects/7/", "DELETE, GET, HEAD, PATCH, PUT"},
		{"DELETE", "/api/projects/summary/", "GET, HEAD"},
		{"POST", "/api/projects/summary", "GET, HEAD"},
		{"GET", "/api/waitlists/7/delete/", "DELETE"},
		{"POST", "/api/docs", "GET, HEAD"},
		{"POST", "/api/openapi.json", "GET, HEAD"},
		{"PROPFIND", "/api/token/pair", "POST"},
		{"POST", "/healthz", "GET, HEAD"},
	} {
		answer := app.Do(c.method, c.path, "", "Content-Type", "application/json")
		if answer.Status != http.StatusMethodNotAllowed || sorted(answer.Header.Get("Allow")) != c.allow {
			t.Errorf("%s %s: %d, Allow %q, want %q", c.method, c.path, answer.Status, answer.Header.Get("Allow"), c.allow)
			continue
		}
		wantEnvelope(t, answer, "method_not_allowed")
	}
}

// sorted is a header's list in alphabetical order.
func sorted(list string) string {
	items := strings.Split(list, ", ")
	slices.Sort(items)
	return strings.Join(items, ", ")
}
