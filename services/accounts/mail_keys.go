package accounts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"digitalpath/models"
)

const (
	verificationLife = 3 * 24 * time.Hour
	resetLife        = 24 * time.Hour
)

// MailKeys makes the keys of links in mails, when a mail is rendered, and checks those
// that come back. A key is stored nowhere: it is a signature over what its use
// changes, so that using it once, or changing that otherwise, ends it.
type MailKeys struct {
	SecretKey   string
	Fallbacks   []string // former keys: what they signed stays good
	FrontendURL string   // without a slash at its end; links lead nowhere else
	Now         func() time.Time
}

// The purposes of keys, which open those that carry one.
const (
	verifyPurpose = "v"
	signupPurpose = "s"
	changePurpose = "c"
	resetPurpose  = "r"
)

// VerificationLink confirms the address of an account that waits.
func (k *MailKeys) VerificationLink(user *models.User) string {
	return k.confirmLink(verifyPurpose, user.ID, verificationState(user))
}

// SignupLink confirms the address of a sign-up that is no account yet.
func (k *MailKeys) SignupLink(signup *models.Signup) string {
	return k.confirmLink(signupPurpose, signup.ID, signupState(signup))
}

// EmailChangeLink confirms the new address of an account.
func (k *MailKeys) EmailChangeLink(change *models.EmailChange, user *models.User) string {
	return k.confirmLink(changePurpose, change.ID, changeState(change, user))
}

func (k *MailKeys) confirmLink(purpose string, id int64, state []string) string {
	key := purpose + "." + strconv.FormatInt(id, 36) + "." + stamp(k.SecretKey, purpose, id, k.Now(), state)
	return k.FrontendURL + "/verify-email?key=" + url.QueryEscape(key)
}

// ResetLink lets somebody choose a new password, on the frontend.
func (k *MailKeys) ResetLink(user *models.User) string {
	return k.FrontendURL + "/reset-password?" + k.ResetQuery(user)
}

// ResetQuery is what a page takes that lets somebody choose a new password.
func (k *MailKeys) ResetQuery(user *models.User) string {
	uid := base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(user.ID, 10))) // Django's spelling
	token := stamp(k.SecretKey, resetPurpose, user.ID, k.Now(), resetState(user))
	return "uid=" + url.QueryEscape(uid) + "&token=" + url.QueryEscape(token)
}

// What each key is bound to. That of a sign-up stays good for the account that it made
// while the address is the same; one that takes the account's place joined at another
// time.
func verificationState(user *models.User) []string {
	return []string{user.Email, user.DateJoined.UTC().Format(time.RFC3339Nano)}
}

func signupState(signup *models.Signup) []string { return []string{signup.Email} }

func changeState(change *models.EmailChange, user *models.User) []string {
	return []string{change.NewEmail, change.OldEmail, user.Password}
}

func resetState(user *models.User) []string {
	return []string{user.Email, user.Password, strconv.Itoa(user.TokenEpoch), user.LastLogin.UTC().Format(time.RFC3339Nano)}
}

// parseConfirmKey splits the key of a link that confirms an address.
func parseConfirmKey(key string) (purpose string, id int64, stamp string, ok bool) {
	parts := strings.SplitN(key, ".", 3)
	if len(parts) != 3 {
		return "", 0, "", false
	}
	id, err := strconv.ParseInt(parts[1], 36, 64)
	return parts[0], id, parts[2], err == nil
}

// parseUID reads whom a reset link is for.
func parseUID(uid string) (id int64, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(uid)
	if err != nil {
		return 0, false
	}
	id, err = strconv.ParseInt(string(text), 10, 64)
	return id, err == nil
}

// stamp is a time and a signature over everything.
func stamp(secret, purpose string, id int64, at time.Time, state []string) string {
	seconds := strconv.FormatInt(at.Unix(), 36)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strings.Join(append([]string{"mail key", purpose, strconv.FormatInt(id, 10), seconds}, state...), "\x00")))
	return seconds + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// fresh tells whether a stamp is ours, not older than life, and for this state.
func (k *MailKeys) fresh(signed, purpose string, id int64, life time.Duration, state []string) bool {
	text, _, _ := strings.Cut(signed, ".")
	seconds, err := strconv.ParseInt(text, 36, 64)
	if err != nil {
		return false
	}
	at := time.Unix(seconds, 0)
	return k.Now().Before(at.Add(life)) && k.anySecret(func(secret string) bool {
		return hmac.Equal([]byte(signed), []byte(stamp(secret, purpose, id, at, state)))
	})
}

// anySecret tells whether one of the keys, the former ones too, made a signature.
func (k *MailKeys) anySecret(made func(secret string) bool) bool {
	return made(k.SecretKey) || slices.ContainsFunc(k.Fallbacks, made)
}

// freshVerification takes the keys of the release before this one too, which were bound
// to the password: their mails are still on the way.
func (k *MailKeys) freshVerification(stamp string, user *models.User) bool {
	return k.fresh(stamp, verifyPurpose, user.ID, verificationLife, verificationState(user)) ||
		k.fresh(stamp, verifyPurpose, user.ID, verificationLife, []string{user.Email, user.Password})
}
