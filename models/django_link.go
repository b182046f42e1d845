package models

import "github.com/uptrace/bun"

// DjangoLink is what links that the Django program mailed to an account are signed over,
// where the account itself does not say it: they stay good for as long as they said.
type DjangoLink struct {
	bun.BaseModel `bun:"table:django_links,alias:django_link"`

	UserID         int64  `bun:"user_id,pk"`
	Email          string `bun:"email,type:varchar(254)"`   // as Django spelt it
	EmailAddressID int64  `bun:"email_address_id,nullzero"` // of an account that waits: allauth's row, which its key names
}

// Signed tells whether the account still has the address that its links were mailed to,
// as far as that is known. One that another account keeps was mailed to all the same.
func (l *DjangoLink) Signed(user *User) bool {
	return l.Email == "" || user.Email == NormalizeEmail(l.Email) || user.Email == StandInEmail(user.ID)
}
