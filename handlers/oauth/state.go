package oauth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/handlers/backoffice"
	"digitalpath/services/accounts"
)

// maxNext bounds state.Next in bytes: browsers keep cookies of 4 KB.
const maxNext = 1000

// state is what the browser takes along to the provider and back, signed.
type state struct {
	Nonce     string `json:"State"` // the OAuth state: ours, never one that a client sent
	Provider  string
	Handshake string // the goth.Session
	Staff     bool   // begun in the back office
	Next      string // where a member of staff wanted to go
	ConnectTo int64  // the user to link the identity to; 0: a login
}

// stateKey is where a session of gorilla's keeps it; logins begun before a deployment end
// after it.
const stateKey = "journey"

// begin gives the state to the browser and returns where the provider asks.
func (f *Flow) begin(c *fiber.Ctx, p provider, s state) (target string, err error) {
	s.Nonce, s.Provider = rand.Text(), p.name
	handshake, err := p.at(c.UserContext(), p.callback(c)).BeginAuth(s.Nonce)
	if err != nil {
		return "", err
	}
	s.Handshake = handshake.Marshal()
	data, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("write state: %w", err)
	}
	kept := f.newSession(f.cookies.Options.MaxAge)
	kept.Values[stateKey] = string(data)
	if err := backoffice.SaveCookie(c, kept); err != nil {
		return "", fmt.Errorf("keep state: %w", err)
	}
	return handshake.GetAuthURL()
}

// readState reads what the browser took along and makes it forget it. With an error
// the state says no more than where it began.
func (f *Flow) readState(c *fiber.Ctx, p provider) (state, error) {
	var s state
	kept, err := backoffice.ReadCookie(c, f.cookies, f.cookie)
	data, ok := kept.Values[stateKey].(string)
	if err != nil || !ok || json.Unmarshal([]byte(data), &s) != nil {
		return state{}, accounts.StateMismatch()
	}
	if err := backoffice.SaveCookie(c, f.newSession(-1)); err != nil {
		return s, fmt.Errorf("forget state: %w", err)
	}
	if s.Provider != p.name || subtle.ConstantTimeCompare([]byte(s.Nonce), []byte(c.Query("state"))) != 1 {
		return s, accounts.StateMismatch()
	}
	return s, f.Logins.SpendState(c.UserContext(), s.Nonce)
}

func (f *Flow) newSession(maxAge int) *sessions.Session {
	session := sessions.NewSession(f.cookies, f.cookie)
	options := *f.cookies.Options
	options.MaxAge = maxAge
	session.Options = &options
	return session
}
