package mail

import (
	"context"
	"strings"
	"time"

	"digitalpath/views/i18n"
)

// AccountMessage is a mail to the owner of an account, in the language of whoever made
// it: sentences, with at most one thing to do, or one of several. Nothing in a mail to an address that is
// not verified was written by whoever typed the address in.
type AccountMessage struct {
	Subject, Title string
	Before         []string
	Button, URL    string // empty: nothing to do
	Others         []AccountLink
	After          []string
}

// AccountLink is another thing to do in the place of the first.
type AccountLink struct{ Label, URL string }

// SignupLink confirms the sign-up of a moment.
type SignupLink struct {
	At  time.Time
	URL string
}

// AccountText is the mail as plain text.
func AccountText(l AccountMessage) string {
	paragraphs := append([]string{l.Title}, l.Before...)
	if l.URL != "" {
		paragraphs = append(paragraphs, l.Button+":\n"+l.URL)
	}
	for _, other := range l.Others {
		paragraphs = append(paragraphs, other.Label+":\n"+other.URL)
	}
	return strings.Join(append(paragraphs, l.After...), "\n\n") + "\n"
}

// Verification asks a new user to confirm the address.
func Verification(ctx context.Context, url string) AccountMessage {
	return AccountMessage{
		Subject: i18n.T(ctx, "DigitalPath AI - Please Confirm Your Email Address"),
		Title:   i18n.T(ctx, "Please confirm your e-mail address"),
		Before:  []string{i18n.T(ctx, "Somebody, we hope you, made an account at DigitalPath AI with this address. Confirm it, and you can log in.")},
		Button:  i18n.T(ctx, "Confirm the address"), URL: url,
		After: []string{
			i18n.T(ctx, "The link works for 3 days."),
			i18n.T(ctx, "If it was not you, ignore this mail: without the link the account can't be used."),
		},
	}
}

// VerificationAgain is Verification for who asks for it. Of several sign-ups with the
// address, the oldest first, they choose their own by its time: names are anybody's words.
func VerificationAgain(ctx context.Context, signups []SignupLink) AccountMessage {
	newest := signups[len(signups)-1]
	l := Verification(ctx, newest.URL)
	if len(signups) == 1 {
		return l
	}
	label := func(signup SignupLink) string {
		return i18n.T(ctx, "Confirm the sign-up of %s UTC", signup.At.UTC().Format("2006-01-02 15:04:05"))
	}
	l.Before = []string{i18n.T(ctx, "There were several sign-ups at DigitalPath AI with this address. Confirm the one that is yours, and you can log in with its password; the others can't be used any more.")}
	l.Button = label(newest)
	for i := len(signups) - 2; i >= 0; i-- {
		l.Others = append(l.Others, AccountLink{label(signups[i]), signups[i].URL})
	}
	return l
}

// AlreadyRegistered tells the owner of an account that somebody wanted another one
// with the same address.
func AlreadyRegistered(ctx context.Context, siteURL, username, resetURL string) AccountMessage {
	l := alreadyRegistered(ctx, username)
	l.Before = append(l.Before, i18n.T(ctx, "Log in with it at %s.", siteURL))
	if resetURL != "" {
		l.Button, l.URL = i18n.T(ctx, "Choose a new password"), resetURL
		l.After = append([]string{i18n.T(ctx, "If you forgot the password, the link above lets you choose a new one. It works once and for 24 hours.")}, l.After...)
	}
	return l
}

// StillToConfirm is AlreadyRegistered for an account that waits for its address to be
// confirmed.
func StillToConfirm(ctx context.Context, username, verifyURL string) AccountMessage {
	l := alreadyRegistered(ctx, username)
	l.Before = append(l.Before, i18n.T(ctx, "Its address is still to be confirmed. After that you can log in, or reset the password if you forgot it."))
	l.Button, l.URL = i18n.T(ctx, "Confirm the address"), verifyURL
	return l
}

func alreadyRegistered(ctx context.Context, username string) AccountMessage {
	return AccountMessage{
		Subject: i18n.T(ctx, "DigitalPath AI - You Already Have an Account"),
		Title:   i18n.T(ctx, "You already have an account"),
		Before:  []string{i18n.T(ctx, "Somebody, we hope you, asked for an account at DigitalPath AI with this address. It has one already, with the username %s.", username)},
		After:   []string{i18n.T(ctx, "If it was not you, ignore this mail: nothing has changed.")},
	}
}

// PasswordReset lets the owner choose a new password.
func PasswordReset(ctx context.Context, username, url string) AccountMessage {
	return AccountMessage{
		Subject: i18n.T(ctx, "DigitalPath AI - Password Reset Request"),
		Title:   i18n.T(ctx, "Choose a new password"),
		Before:  []string{i18n.T(ctx, "Somebody, we hope you, forgot the password of your account %s at DigitalPath AI.", username)},
		Button:  i18n.T(ctx, "Choose a new password"), URL: url,
		After: []string{
			i18n.T(ctx, "The link works once and for 24 hours."),
			i18n.T(ctx, "If it was not you, ignore this mail: the password stays as it is."),
		},
	}
}

// PasswordChanged tells the owner that the password is another one.
func PasswordChanged(ctx context.Context, username, siteURL string) AccountMessage {
	return AccountMessage{
		Subject: i18n.T(ctx, "DigitalPath AI - Your Password Was Changed"),
		Title:   i18n.T(ctx, "Your password was changed"),
		Before:  []string{i18n.T(ctx, "The password of your account %s at DigitalPath AI was changed, and every device was logged out.", username)},
		After:   []string{i18n.T(ctx, "If it was not you, reset the password at once at %s: whoever did it knew the old one or reads your mail.", siteURL)},
	}
}

// EmailChange asks the new address of an account to confirm that it is the owner's.
func EmailChange(ctx context.Context, url string) AccountMessage {
	return AccountMessage{
		Subject: i18n.T(ctx, "DigitalPath AI - Please Confirm Your Email Address"),
		Title:   i18n.T(ctx, "Please confirm your new e-mail address"),
		Before:  []string{i18n.T(ctx, "The owner of an account at DigitalPath AI wants to use this address from now on.")},
		Button:  i18n.T(ctx, "Confirm the address"), URL: url,
		After: []string{
			i18n.T(ctx, "The link works for 3 days."),
			i18n.T(ctx, "If it was not you, ignore this mail: nothing changes without the link."),
		},
	}
}

// EmailChanged tells the old address of an account that it is not in use any more.
func EmailChanged(ctx context.Context, username, siteURL string) AccountMessage {
	return AccountMessage{
		Subject: i18n.T(ctx, "DigitalPath AI - Your Email Address Was Changed"),
		Title:   i18n.T(ctx, "Your e-mail address was changed"),
		Before:  []string{i18n.T(ctx, "Your account %s at DigitalPath AI uses another e-mail address from now on. Mails about it do not come here any more.", username)},
		After:   []string{i18n.T(ctx, "If it was not you, write to us at once through the contact form at %s.", siteURL)},
	}
}
