package oauth

import (
	"github.com/markbates/goth"
	"golang.org/x/oauth2"

	"digitalpath/models"
)

// google asks for what docs/contract.md section 3 names. The flag of a verified address
// is verified_email in this version of its user document.
func google(c Credentials) provider {
	endpoint := oauth2.Endpoint{AuthURL: "https://accounts.google.com/o/oauth2/v2/auth", TokenURL: "https://oauth2.googleapis.com/token"}
	return newProvider(models.Google, c, endpoint, fetchGoogle, "profile", "email")
}

func fetchGoogle(get getter, user *goth.User) error {
	var person struct {
		ID        string `json:"id"`
		Email     string `json:"email"`
		Verified  bool   `json:"verified_email"`
		FirstName string `json:"given_name"`
		LastName  string `json:"family_name"`
	}
	if err := get("https://www.googleapis.com/oauth2/v2/userinfo", &person); err != nil {
		return err
	}
	user.UserID, user.Email, user.FirstName, user.LastName = person.ID, person.Email, person.FirstName, person.LastName
	user.RawData[verified] = person.Verified
	return nil
}
