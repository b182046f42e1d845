package handlerstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"digitalpath/services/accounts"
)

// Answer is what the program said to a request.
type Answer struct {
	Status int
	Header http.Header
	Body   string

	t testing.TB
}

// JSON is the body as an object.
func (a Answer) JSON() map[string]any {
	a.t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(a.Body), &object); err != nil {
		a.t.Fatalf("status %d, not a JSON object: %v\n%s", a.Status, err, a.Body)
	}
	return object
}

// client has no proxy and follows nothing: a redirect is an answer too.
var client = &http.Client{
	Timeout:       20 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 100},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Do sends a request to a path, or to a whole URL of the program; headers are name,
// value, name, value. A header "Host" sets the request's host.
func (a *App) Do(method, path, body string, headers ...string) Answer {
	a.t.Helper()
	answer, err := a.try(method, path, body, headers...)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer
}

// Get is Do with GET.
func (a *App) Get(path string, headers ...string) Answer {
	a.t.Helper()
	return a.Do(http.MethodGet, path, "", headers...)
}

// PostJSON is Do with POST and a JSON body.
func (a *App) PostJSON(path, body string, headers ...string) Answer {
	a.t.Helper()
	return a.Do(http.MethodPost, path, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func (a *App) try(method, path, body string, headers ...string) (Answer, error) {
	request, err := http.NewRequest(method, a.URL+strings.TrimPrefix(path, a.URL), strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
	}
	return a.send(client, request)
}

func (a *App) send(client *http.Client, request *http.Request) (Answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }() // read to its end below
	text, err := io.ReadAll(response.Body)
	answer := Answer{Status: response.StatusCode, Header: response.Header, Body: string(text), t: a.t}
	if err == nil {
		a.wantDocumented(request, answer)
	}
	return answer, err
}

// Submit sends the contact form in the name given and tells whether it was accepted.
// An error is a broken connection, which says nothing of what became of it.
func (a *App) Submit(name string) (accepted bool, err error) {
	body := fmt.Sprintf(`{"name":%q,"email":"visitor@example.com","message":"Hello from %s"}`, name, name)
	answer, err := a.try(http.MethodPost, "/api/contact", body, "Content-Type", "application/json")
	return err == nil && answer.Status == http.StatusOK, err
}

// MustSubmit is Submit that has to be accepted.
func (a *App) MustSubmit(name string) {
	a.t.Helper()
	if accepted, err := a.Submit(name); !accepted {
		a.t.Fatalf("submit of %s was not accepted (%v)", name, err)
	}
}

// Staff is a logged-in browser without JavaScript.
type Staff struct {
	app    *App
	client *http.Client
}

// Superuser's login, made by Login.
const (
	Username = "ada"
	Password = "correct horse battery"
)

// CreateSuperuser makes the superuser Username as the command createsuperuser does, which
// has tests of its own.
func (a *App) CreateSuperuser() {
	a.t.Helper()
	superusers := &accounts.Superusers{DB: a.DB, Accounts: &accounts.Service{Passwords: accounts.NewPasswords(1)}, Now: time.Now}
	in := accounts.SuperuserInput{Username: Username, Email: "ada@digitalpath.test", Password: Password}
	if err := superusers.Create(a.t.Context(), in); err != nil {
		a.t.Fatal(err)
	}
}

// Browser is one that nobody is logged in with yet.
func (a *App) Browser() *Staff {
	a.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return &Staff{app: a, client: &http.Client{Jar: jar, Timeout: client.Timeout}}
}

// Login logs the superuser in by the login form.
func (a *App) Login() *Staff {
	a.t.Helper()
	staff := a.Browser()
	page := staff.Post(staff.Get("/admin/login/"), "/admin/login/", url.Values{"username": {Username}, "password": {Password}})
	if page.Has("[name=password]") {
		a.t.Fatalf("the login was refused:\n%s", page.doc.Text())
	}
	return staff
}

// Get reads a page.
func (s *Staff) Get(path string) *Page {
	s.app.t.Helper()
	request, err := http.NewRequest(http.MethodGet, s.app.URL+path, nil)
	if err != nil {
		s.app.t.Fatal(err)
	}
	return s.page(request)
}

// Step opens a path, or a whole URL of the program, and follows nothing.
func (s *Staff) Step(target string) Answer {
	s.app.t.Helper()
	request, err := http.NewRequest(http.MethodGet, s.app.URL+strings.TrimPrefix(target, s.app.URL), nil)
	if err != nil {
		s.app.t.Fatal(err)
	}
	step := *s.client
	step.CheckRedirect = client.CheckRedirect
	answer, err := s.app.send(&step, request)
	if err != nil {
		s.app.t.Fatalf("GET %s: %v", target, err)
	}
	return answer
}

// Post sends a form with the csrf_token of the page that it stands on.
func (s *Staff) Post(from *Page, path string, form url.Values) *Page {
	s.app.t.Helper()
	form.Set("csrf_token", from.doc.Find("[name=csrf_token]").First().AttrOr("value", ""))
	request, err := http.NewRequest(http.MethodPost, s.app.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.app.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", s.app.URL)
	return s.page(request)
}

// Upload sends a file in the field of that name, as Post does the rest of a form.
func (s *Staff) Upload(from *Page, path, field string, file []byte) *Page {
	s.app.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("csrf_token", from.doc.Find("[name=csrf_token]").First().AttrOr("value", ""))
	part, partErr := form.CreateFormFile(field, "file")
	if err = errors.Join(err, partErr); err != nil {
		s.app.t.Fatal(err)
	}
	_, err = part.Write(file)
	if err = errors.Join(err, form.Close()); err != nil {
		s.app.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, s.app.URL+path, &body)
	if err != nil {
		s.app.t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Origin", s.app.URL)
	return s.page(request)
}

func (s *Staff) page(request *http.Request) *Page {
	s.app.t.Helper()
	answer, err := s.app.send(s.client, request)
	if err != nil {
		s.app.t.Fatalf("%s %s: %v", request.Method, request.URL.Path, err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(answer.Body))
	if err != nil {
		s.app.t.Fatal(err)
	}
	return &Page{Status: answer.Status, Answer: answer, doc: doc.Selection}
}

// Cookies are what the browser would send; SetCookies puts them back.
func (s *Staff) Cookies() []*http.Cookie { return s.client.Jar.Cookies(s.home()) }

// SetCookies makes the browser send these.
func (s *Staff) SetCookies(cookies []*http.Cookie) { s.client.Jar.SetCookies(s.home(), cookies) }

func (s *Staff) home() *url.URL {
	s.app.t.Helper()
	home, err := url.Parse(s.app.URL)
	if err != nil {
		s.app.t.Fatal(err)
	}
	return home
}
