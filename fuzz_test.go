package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"digitalpath/handlers"
	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/accounts"
)

// fuzzed is the whole program inside the test, so that the fuzzer sees which lines a
// request reaches: on a database of its own, with a superuser who is logged in, and
// asked without a network.
type fuzzed struct {
	deps   *deps
	app    *handlers.App
	web    *fiber.App
	token  string // of the API
	cookie string // of the back office
	csrf   string
}

func newFuzzed(f *testing.F) *fuzzed {
	f.Helper()
	p := &program{environ: []string{
		"DJANGO_DEBUG=1", "DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12), "DATABASE_URL=" + modelstest.Migrated(f), "RATE_LIMIT_CONTACT=off", "RATE_LIMIT_LOGIN_FAILED=off",
		"RATE_LIMIT_WAITLIST=off", "RATE_LIMIT_SIGNUP=off", "RATE_LIMIT_RESET=off", "RATE_LIMIT_CONFIRM=off", "RATE_LIMIT_API=off", "EMAIL_FILE_PATH=" + f.TempDir(), "LOG_LEVEL=ERROR",
	}, out: io.Discard, errOut: io.Discard}
	d, err := p.open()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = d.db.Close() }) // nothing is under way any more
	w, err := d.newWorkers(1)              // which are not started
	if err != nil {
		f.Fatal(err)
	}
	z := &fuzzed{deps: d}
	if z.app, err = d.newApp(w); err != nil {
		f.Fatal(err)
	}
	z.web = z.app.New()
	in := accounts.SuperuserInput{Username: handlerstest.Username, Email: "ada@digitalpath.test", Password: handlerstest.Password}
	session, err := d.superusers.CreateFirst(f.Context(), d.superusers.SetupToken(), in, accounts.LoginInput{})
	if err != nil {
		f.Fatal(err)
	}
	z.cookie = "sessionid=" + session
	z.logIn(f, in)
	return z
}

// logIn gets a token of the API, and the secret of the forms.
func (z *fuzzed) logIn(f *testing.F, in accounts.SuperuserInput) {
	f.Helper()
	body, err := json.Marshal(map[string]string{"username": in.Username, "password": in.Password})
	if err != nil {
		f.Fatal(err)
	}
	answer, text := z.ask(f, z.request(http.MethodPost, "/api/token/pair", body))
	var pair struct{ Access string }
	if err := json.Unmarshal(text, &pair); err != nil || pair.Access == "" {
		f.Fatalf("no token: %d %s", answer.StatusCode, text)
	}
	z.token = pair.Access
	answer, text = z.ask(f, z.request(http.MethodGet, "/admin/", nil))
	for _, cookie := range answer.Cookies() {
		z.cookie += "; " + cookie.Name + "=" + cookie.Value
	}
	secret := regexp.MustCompile(`name="csrf_token" value="([^"]+)"`).FindSubmatch(text)
	if secret == nil {
		f.Fatalf("no form: %d %s", answer.StatusCode, text)
	}
	z.csrf = string(secret[1])
}

func (z *fuzzed) request(method, target string, body []byte) *http.Request {
	request := httptest.NewRequest(method, "/", bytes.NewReader(body))
	request.RequestURI = target // which is sent as it is
	request.URL.Path, _, _ = strings.Cut(target, "?")
	request.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(target, "/admin/") {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Cookie", z.cookie)
	} else if z.token != "" {
		request.Header.Set("Authorization", "Bearer "+z.token)
	}
	return request
}

// ask holds what no request may bring about: a fault of ours, or an answer of the API
// that is no JSON.
func (z *fuzzed) ask(t testing.TB, request *http.Request) (*http.Response, []byte) {
	t.Helper()
	answer, err := z.web.Test(request, -1)
	if err != nil {
		t.Fatalf("%s %s: %v", request.Method, request.RequestURI, err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		t.Errorf("%s %s: %d %s", request.Method, request.RequestURI, answer.StatusCode, text)
	}
	if strings.HasPrefix(request.URL.Path, "/api/") && request.URL.Path != "/api/docs" && len(text) > 0 && !json.Valid(text) {
		t.Errorf("%s %s: %d, not JSON: %q", request.Method, request.RequestURI, answer.StatusCode, text)
	}
	return answer, text
}

var routeParam = regexp.MustCompile(`:\w+`)

// routesOf are the routes under a prefix, with 1 for every parameter, in one order.
func (z *fuzzed) routesOf(prefix string, methods ...string) []fiber.Route {
	var routes []fiber.Route
	for _, route := range z.web.GetRoutes(true) {
		if strings.HasPrefix(route.Path, prefix) && slices.Contains(methods, route.Method) && !strings.Contains(route.Path, "*") {
			route.Path = routeParam.ReplaceAllString(route.Path, "1")
			routes = append(routes, route)
		}
	}
	slices.SortFunc(routes, func(a, b fiber.Route) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return routes
}

// endsLogin are routes that would log the fuzzer out; it asks them without a token.
var endsLogin = regexp.MustCompile(`^/api/(me|token)\b`)

// Every route of the API takes any body.
func FuzzJSONBody(f *testing.F) {
	z := newFuzzed(f)
	routes := z.routesOf("/api/", http.MethodPost, http.MethodPut, http.MethodPatch)
	for i := range routes {
		f.Add(uint(i), []byte(`{"name":"Ada","title":"Site","email":"ada@example.com","message":"Hello","username":"ada2","password":"correct horse battery","status":"active","budget":"12.50","progress":50,"user_id":1,"key":"k","uid":"MQ","token":"t","refresh":"r"}`))
	}
	for _, body := range []string{``, `null`, `[]`, `{"name":null,"email":[],"message":{}}`, `{"name":"\u0000","email":"\ud800"}`, `{"budget":1e400,"progress":-9223372036854775809}`, `{"tasks":[{"id":1},{"id":1},null]}`, strings.Repeat("[", 200)} {
		f.Add(uint(0), []byte(body))
	}
	f.Fuzz(func(t *testing.T, n uint, body []byte) {
		route := routes[n%uint(len(routes))]
		request := z.request(route.Method, route.Path, body)
		if endsLogin.MatchString(route.Path) {
			request.Header.Del("Authorization")
		}
		z.ask(t, request)
	})
}

// Every page and list takes any query string.
func FuzzQuery(f *testing.F) {
	z := newFuzzed(f)
	routes := append(z.routesOf("/api/", http.MethodGet), z.routesOf("/admin/", http.MethodGet)...)
	for i := range routes {
		f.Add(uint(i), "q=a%25_&o=-name&page=2&page_size=10&status=pending&created_at=today&cursor=x&ordering=-created_at&search=%27")
	}
	for _, query := range []string{"page=-1&page_size=99999999999999999999", "q=%00", "q=%ff&o=.", "o=id,-id,id&columns=id,,nope", "created_at__gte=0000-00-00&created_at__lt=9999-99-99", "&&=&a", "after=" + strings.Repeat("A", 300)} {
		f.Add(uint(len(routes)-1), query)
	}
	f.Fuzz(func(t *testing.T, n uint, query string) {
		if strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }) {
			query = url.QueryEscape(query) // what no request line holds
		}
		route := routes[n%uint(len(routes))]
		if !strings.Contains(route.Path, "logout") {
			z.ask(t, z.request(http.MethodGet, route.Path+"?"+query, nil))
		}
	})
}

// A view of any name and query is refused in words or opens.
func FuzzSavedView(f *testing.F) {
	z := newFuzzed(f)
	var lists []string
	for _, route := range z.routesOf("/admin/", http.MethodPost) {
		if strings.HasSuffix(strings.TrimSuffix(route.Path, "/"), "/views") {
			lists = append(lists, strings.TrimSuffix(strings.TrimSuffix(route.Path, "/"), "/views")+"/")
		}
	}
	if len(lists) == 0 {
		f.Fatal("no list has views")
	}
	for i := range lists {
		f.Add(uint(i), "Mine", "q=a&o=-created_at&status=pending&columns=name", false)
	}
	f.Add(uint(0), "", "q=%00&page=-1", true)
	f.Add(uint(0), strings.Repeat("ñ", 200), "created_at=last+7+days&&", true)
	f.Fuzz(func(t *testing.T, n uint, name, query string, shared bool) {
		list := lists[n%uint(len(lists))]
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		form.Set("csrf_token", z.csrf)
		form.Set("name", name)
		if shared {
			form.Set("shared", "1")
		}
		answer, _ := z.ask(t, z.request(http.MethodPost, list+"views/", []byte(form.Encode())))
		if opened := answer.Header.Get("Location"); opened != "" {
			z.ask(t, z.request(http.MethodGet, opened, nil))
		}
		if _, err := z.deps.db.NewDelete().Model((*models.SavedView)(nil)).Where("TRUE").Exec(t.Context()); err != nil { // or all are counted for each page
			t.Fatal(err)
		}
	})
}
