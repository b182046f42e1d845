// Package oauth is the flow of a login by Google or GitHub: away to the
// provider, back with its word, and on to the frontend or the back office.
package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/markbates/goth"
	"golang.org/x/oauth2"

	"digitalpath/models"
)

const (
	// providerTime bounds all requests of a flow to its provider together.
	providerTime = 6 * time.Second
	// maxAnswer bounds what is read of a provider's answer, in bytes.
	maxAnswer = 1 << 20
)

// provider is a goth.Provider with PKCE, which goth's own Google and GitHub lack, and
// which never puts a token into a URL.
type provider struct {
	name   string
	config oauth2.Config
	fetch  fetcher
	ctx    context.Context // of the request that it serves; goth's interface passes none
}

// fetcher fills in what the provider says of the person.
type fetcher func(get getter, user *goth.User) error

// newProvider takes its credentials in the body, as both providers document it.
func newProvider(name models.SocialProvider, c Credentials, endpoint oauth2.Endpoint, fetch fetcher, scopes ...string) provider {
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	return provider{
		name: string(name), fetch: fetch,
		config: oauth2.Config{ClientID: c.ID, ClientSecret: c.Secret, Scopes: scopes, Endpoint: endpoint},
	}
}

// at is the provider for one request, with the callback's URL. ctx must end by
// itself: http.DefaultClient, which keeps the environment's proxy, does not.
func (p provider) at(ctx context.Context, callback string) *provider {
	p.ctx = ctx
	p.config.RedirectURL = callback
	return &p
}

// session is what must survive the way to the provider and back.
type session struct {
	Verifier       string // PKCE
	authURL, token string
}

func (p *provider) Name() string              { return p.name }
func (p *provider) SetName(name string)       { p.name = name }
func (p *provider) Debug(bool)                {}
func (*provider) RefreshTokenAvailable() bool { return false }

// RefreshToken is not needed: a login asks the provider once.
func (*provider) RefreshToken(string) (*oauth2.Token, error) {
	return nil, errors.New("tokens of social logins are not kept")
}

// BeginAuth makes the URL to send the browser to.
func (p *provider) BeginAuth(state string) (goth.Session, error) {
	verifier := oauth2.GenerateVerifier()
	return &session{Verifier: verifier, authURL: p.config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier))}, nil
}

// UnmarshalSession reads what Marshal wrote.
func (*provider) UnmarshalSession(data string) (goth.Session, error) {
	s := new(session)
	if err := json.Unmarshal([]byte(data), s); err != nil {
		return nil, fmt.Errorf("read handshake: %w", err)
	}
	return s, nil
}

func (s *session) GetAuthURL() (string, error) { return s.authURL, nil }

func (s *session) Marshal() string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return string(data)
}

// Authorize swaps the provider's code for its token.
func (s *session) Authorize(by goth.Provider, params goth.Params) (string, error) {
	p, ok := by.(*provider)
	if !ok {
		return "", errors.New("the handshake is of another provider")
	}
	token, err := p.config.Exchange(p.ctx, params.Get("code"), oauth2.VerifierOption(s.Verifier))
	if err != nil {
		return "", fmt.Errorf("swap code at %s: %w", p.name, withoutURL(err))
	}
	s.token = token.AccessToken
	return token.AccessToken, nil
}

// FetchUser asks the provider who it is.
func (p *provider) FetchUser(of goth.Session) (goth.User, error) {
	user := goth.User{Provider: p.name, RawData: map[string]any{}}
	s, ok := of.(*session)
	if !ok || s.token == "" {
		return user, errors.New("the handshake has no token yet")
	}
	get := func(url string, into any) error { return getJSON(p.ctx, s.token, url, into) }
	if err := p.fetch(get, &user); err != nil {
		return user, fmt.Errorf("ask %s who it is: %w", p.name, withoutURL(err))
	}
	return user, nil
}

// getter reads a JSON document from the provider with the person's token.
type getter func(url string, into any) error

func getJSON(ctx context.Context, token, url string, into any) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is %s", response.Status)
	}
	return json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(into)
}

// withoutURL keeps codes and other secrets of a URL out of the log.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return fmt.Errorf("the answer is %s %s", refused.Response.Status, refused.ErrorCode)
	}
	return err
}

// Credentials is what a provider's console gives for this program. Without both the
// provider is not offered.
type Credentials struct{ ID, Secret string }

// verified is the key in goth.User.RawData of whether the address is verified.
const verified = "verified"
