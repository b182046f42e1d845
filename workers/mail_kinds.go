package workers

import (
	"context"

	"digitalpath/models"
	"digitalpath/services/accounts"
	"digitalpath/services/contact"
	"digitalpath/services/outbox"
	"digitalpath/services/waitlist"
)

// mailKind is all that there is to a kind of mail.
type mailKind struct {
	outbox.Kind
	compose func(ctx context.Context, objectID int64) (*mailMessage, error)
}

// mailKinds is the table of all mail that the program sends. A new kind is one line
// here and a file of its own that composes it.
func (c *Composer) mailKinds() map[models.MailKind]mailKind {
	return map[models.MailKind]mailKind{
		contact.MailNotice:             {outbox.Kind{ToStaff: true, Apply: contact.ApplyNotice}, c.contactNotice},
		accounts.MailVerification:      {outbox.Kind{}, c.toOwner(c.verification)},
		accounts.MailSignup:            {outbox.Kind{}, c.signup},
		accounts.MailVerificationAgain: {outbox.Kind{}, c.toOwner(c.verificationAgain)},
		accounts.MailAlreadyRegistered: {outbox.Kind{}, c.toOwner(c.alreadyRegistered)},
		accounts.MailPasswordReset:     {outbox.Kind{}, c.toOwner(c.passwordReset)},
		accounts.MailResetHere:         {outbox.Kind{}, c.toOwner(c.resetHere)},
		accounts.MailPasswordChanged:   {outbox.Kind{}, c.toOwner(c.passwordChanged)},
		accounts.MailEmailChange:       {outbox.Kind{}, c.emailChange},
		accounts.MailEmailChanged:      {outbox.Kind{}, c.emailChanged},
		waitlist.MailWelcome:           {outbox.Kind{Apply: waitlist.ApplyWelcome}, c.waitlistWelcome},
		waitlist.MailNotice:            {outbox.Kind{ToStaff: true}, c.waitlistNotice},
		waitlist.MailInvitation:        {outbox.Kind{Apply: waitlist.ApplyInvitation}, c.waitlistInvitation},
	}
}

// Kinds is what the outbox must know of each kind.
func (c *Composer) Kinds() map[models.MailKind]outbox.Kind {
	kinds := map[models.MailKind]outbox.Kind{}
	for name, kind := range c.kinds {
		kinds[name] = kind.Kind
	}
	return kinds
}
