package oauth

import (
	"strconv"
	"strings"

	"github.com/markbates/goth"
	"golang.org/x/oauth2"

	"digitalpath/models"
)

// github asks for the addresses apart: the profile's may be empty, and says nothing
// of being verified.
func github(c Credentials) provider {
	endpoint := oauth2.Endpoint{AuthURL: "https://github.com/login/oauth/authorize", TokenURL: "https://github.com/login/oauth/access_token"}
	return newProvider(models.GitHub, c, endpoint, fetchGitHub, "read:user", "user:email")
}

func fetchGitHub(get getter, user *goth.User) error {
	var person struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
		Name  string `json:"name"`
	}
	if err := get("https://api.github.com/user", &person); err != nil {
		return err
	}
	var addresses []struct {
		Email    string `json:"email"`
		Primary  bool   `json:"primary"`
		Verified bool   `json:"verified"`
	}
	if err := get("https://api.github.com/user/emails", &addresses); err != nil {
		return err
	}
	if person.ID != 0 {
		user.UserID = strconv.FormatInt(person.ID, 10)
	}
	user.NickName = person.Login
	user.FirstName, user.LastName, _ = strings.Cut(person.Name, " ")
	for _, address := range addresses {
		if address.Primary {
			user.Email, user.RawData[verified] = address.Email, address.Verified
		}
	}
	return nil
}
