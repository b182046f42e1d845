package handlerstest

import (
	"net/http"
	"strconv"
	"strings"
)

// user tells who a token's person is, in the shape of each provider's document.
func (p *Providers) user(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	token = strings.TrimPrefix(strings.TrimPrefix(token, "ya29."), "gho_")
	g, ok := p.take(token, false)
	if !ok {
		write(w, http.StatusUnauthorized, map[string]any{"message": "Bad credentials"})
		return
	}
	who := g.person
	switch r.Host + r.URL.Path {
	case GoogleUser:
		write(w, http.StatusOK, googleDocument(who))
	case GitHubUser:
		write(w, http.StatusOK, map[string]any{
			"login": who.Nickname, "id": who.ID, "node_id": "MDQ6VXNlcjE=", "avatar_url": "https://avatars.githubusercontent.com/u/1?v=4",
			"type": "User", "site_admin": false, "name": strings.TrimSpace(who.First + " " + who.Last), "email": nil,
		})
	default:
		emails := []map[string]any{{"email": "old@example.net", "primary": false, "verified": true, "visibility": nil}}
		if who.Email != "" {
			emails = append(emails, map[string]any{"email": who.Email, "primary": true, "verified": who.Verified, "visibility": "public"})
		}
		write(w, http.StatusOK, emails)
	}
}

func googleDocument(who Person) map[string]any {
	document := map[string]any{
		"id": strconv.FormatInt(who.ID, 10), "name": strings.TrimSpace(who.First + " " + who.Last),
		"given_name": who.First, "family_name": who.Last, "picture": "https://lh3.googleusercontent.com/a/x",
	}
	if who.Email != "" {
		document["email"], document["verified_email"] = who.Email, who.Verified
	}
	return document
}
