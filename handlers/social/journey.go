package social

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/sessions"

	"digitalpath/handlers/backoffice"
	"digitalpath/services"
)

// maxNext bounds journey.Next in bytes: browsers keep cookies of 4 KB.
const maxNext = 1000

// journey is what the browser takes along to the provider and back, signed.
type journey struct {
	State     string // ours, never one that a client sent
	Provider  string
	Handshake string // the goth.Session
	Staff     bool   // begun in the back office
	Next      string // where a member of staff wanted to go
	ConnectTo int64  // the user to link the identity to; 0: a login
}

// journeyKey is where a session of gorilla's keeps the journey.
const journeyKey = "journey"

// setOut gives the journey to the browser and returns where the provider asks.
func (t *Trip) setOut(c *fiber.Ctx, p provider, j journey) (target string, err error) {
	j.State, j.Provider = rand.Text(), p.name
	handshake, err := p.at(c.UserContext(), p.callback(c)).BeginAuth(j.State)
	if err != nil {
		return "", err
	}
	j.Handshake = handshake.Marshal()
	data, err := json.Marshal(j)
	if err != nil {
		return "", fmt.Errorf("write journey: %w", err)
	}
	kept := t.newSession(t.cookies.Options.MaxAge)
	kept.Values[journeyKey] = string(data)
	if err := backoffice.SaveCookie(c, kept); err != nil {
		return "", fmt.Errorf("keep journey: %w", err)
	}
	return handshake.GetAuthURL()
}

// comeBack reads what the browser took along and makes it forget it. With an error
// the journey says no more than where it began.
func (t *Trip) comeBack(c *fiber.Ctx, p provider) (journey, error) {
	var j journey
	kept, err := backoffice.ReadCookie(c, t.cookies, t.cookie)
	data, ok := kept.Values[journeyKey].(string)
	if err != nil || !ok || json.Unmarshal([]byte(data), &j) != nil {
		return journey{}, services.StateMismatch()
	}
	if err := backoffice.SaveCookie(c, t.newSession(-1)); err != nil {
		return j, fmt.Errorf("forget journey: %w", err)
	}
	if j.Provider != p.name || subtle.ConstantTimeCompare([]byte(j.State), []byte(c.Query("state"))) != 1 {
		return j, services.StateMismatch()
	}
	return j, t.Logins.SpendState(c.UserContext(), j.State)
}

func (t *Trip) newSession(maxAge int) *sessions.Session {
	session := sessions.NewSession(t.cookies, t.cookie)
	options := *t.cookies.Options
	options.MaxAge = maxAge
	session.Options = &options
	return session
}
