package handlerstest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"
)

// Person is who is logged in at a provider.
type Person struct {
	ID       int64
	Email    string
	Verified bool // the address
	First    string
	Last     string
	Nickname string // GitHub's login
}

// Providers are a fake Google and a fake GitHub under their real names and paths: the
// program reaches them by Env, tests and browsers by way of ProxyURL. They answer as
// the real ones do, or as Answer says.
type Providers struct {
	ProxyURL string // http://127.0.0.1:PORT

	t       testing.TB
	caFile  string
	client  *http.Client
	ended   chan struct{} // closed with the test
	mu      sync.Mutex
	persons map[string]Person // by host of the page that asks them
	answers map[string]http.HandlerFunc
	grants  map[string]grant // by code and by token
	secrets []string
}

// grant is what a code or a token stands for.
type grant struct {
	person              Person
	challenge, redirect string
}

// The hosts whose pages ask people.
const (
	GoogleHost = "accounts.google.com"
	GitHubHost = "github.com"
)

// The paths that a test may answer differently.
const (
	GoogleToken  = "oauth2.googleapis.com/token" // #nosec G101 -- a URL
	GoogleUser   = "www.googleapis.com/oauth2/v2/userinfo"
	GitHubToken  = "github.com/login/oauth/access_token" // #nosec G101 -- a URL
	GitHubUser   = "api.github.com/user"
	GitHubEmails = "api.github.com/user/emails"
)

const (
	clientID     = "client-of-the-tests"
	clientSecret = "secret-of-the-providers" // #nosec G101 -- of fakes
)

// Env gives the program its credentials and the way to the fakes.
func (p *Providers) Env() []string {
	return []string{
		"HTTPS_PROXY=" + p.ProxyURL, "SSL_CERT_FILE=" + p.caFile,
		"GOOGLE_CLIENT_ID=" + clientID, "GOOGLE_CLIENT_SECRET=" + clientSecret,
		"GITHUB_CLIENT_ID=" + clientID, "GITHUB_CLIENT_SECRET=" + clientSecret,
	}
}

// LogIn says who is logged in at a host: GoogleHost or GitHubHost.
func (p *Providers) LogIn(host string, person Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.persons[host] = person
}

// Answer makes a host's path answer differently; nil: as ever.
func (p *Providers) Answer(path string, handler http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[path] = handler
}

// Hang is an Answer that never comes.
func (p *Providers) Hang(http.ResponseWriter, *http.Request) { <-p.ended }

// Secrets are all codes and tokens that were handed out, and the program's secret.
func (p *Providers) Secrets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{clientSecret}, p.secrets...)
}

// Consent is what a browser does at the provider: it opens the page that the program
// sent it to, and returns where the provider sends it.
func (p *Providers) Consent(page string) *url.URL {
	p.t.Helper()
	response, err := p.client.Get(page)
	if err != nil {
		p.t.Fatalf("ask the provider: %v", err)
	}
	_ = response.Body.Close() // the header is the answer
	back, err := response.Location()
	if err != nil {
		p.t.Fatalf("%s answers %s: %v", page, response.Status, err)
	}
	return back
}

func (p *Providers) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	answer := p.answers[r.Host+r.URL.Path]
	p.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	p.AsEver(w, r)
}

// AsEver is the answer of the real one.
func (p *Providers) AsEver(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.Host + r.URL.Path {
	case "GET accounts.google.com/o/oauth2/v2/auth", "GET github.com/login/oauth/authorize":
		p.consent(w, r)
	case "POST " + GoogleToken, "POST " + GitHubToken:
		p.token(w, r)
	case "GET " + GoogleUser, "GET " + GitHubUser, "GET " + GitHubEmails:
		p.user(w, r)
	default:
		http.NotFound(w, r)
	}
}

// consent lets the program through as if the person had agreed.
func (p *Providers) consent(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || query.Get("client_id") != clientID || query.Get("response_type") != "code" || query.Get("state") == "" ||
		query.Get("code_challenge") == "" || query.Get("code_challenge_method") != "S256" {
		p.t.Errorf("the provider is asked %s", r.URL)
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	code := p.grant(grant{challenge: query.Get("code_challenge"), redirect: query.Get("redirect_uri"), person: p.person(r.Host)})
	back.RawQuery = url.Values{"code": {code}, "state": {query.Get("state")}}.Encode()
	w.Header().Set("Location", back.String())
	w.WriteHeader(http.StatusFound)
}

func (p *Providers) person(host string) Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.persons[host]
}

func (p *Providers) grant(g grant) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := rand.Text()
	p.grants[key] = g
	p.secrets = append(p.secrets, key)
	return key
}

// take finds a grant; a code is good once.
func (p *Providers) take(key string, once bool) (grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.grants[key]
	if once {
		delete(p.grants, key)
	}
	return g, ok
}

// token swaps a code. GitHub answers a form unless asked for JSON, and 200 to a code
// that is no good.
func (p *Providers) token(w http.ResponseWriter, r *http.Request) {
	g, ok := p.take(r.PostFormValue("code"), true)
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	ok = ok && r.PostFormValue("grant_type") == "authorization_code" && r.PostFormValue("redirect_uri") == g.redirect &&
		r.PostFormValue("client_id") == clientID && r.PostFormValue("client_secret") == clientSecret &&
		base64.RawURLEncoding.EncodeToString(challenge[:]) == g.challenge
	atGitHub := r.Host == GitHubHost
	switch {
	case ok && atGitHub:
		form := url.Values{"access_token": {"gho_" + p.grant(g)}, "scope": {"read:user,user:email"}, "token_type": {"bearer"}}
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		_, _ = w.Write([]byte(form.Encode())) // who hangs up misses it
	case ok:
		write(w, http.StatusOK, map[string]any{"access_token": "ya29." + p.grant(g), "expires_in": 3599, "scope": "openid email profile", "token_type": "Bearer"})
	case atGitHub:
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		_, _ = w.Write([]byte("error=bad_verification_code&error_description=The+code+passed+is+incorrect+or+expired.")) // likewise
	default:
		write(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "Bad Request"})
	}
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who hangs up misses it
}
