package djangoimport

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// address is a row of allauth's account_emailaddress.
type address struct {
	id, user          int64
	email             string // as it is written there
	verified, primary bool
}

// people is what must be known of all accounts before the first is imported: addresses
// and names that differ in case only are one here.
type people struct {
	addresses map[int64][]address // by user
	owners    map[string]int64    // who keeps an address, by its one spelling
	verified  map[string]bool     // whether they confirmed it
	names     map[string]int64    // who keeps a username, by its one spelling
}

// importUsers also brings over the addresses of allauth: an account has one here, and
// whether it is confirmed is a column of the account.
func (r *run) importUsers(ctx context.Context) error {
	p, err := r.readPeople(ctx)
	if err != nil {
		return err
	}
	links := map[int64]*models.DjangoLink{} // of the batch
	err = copying[models.User]{
		table: "auth_user",
		make: func(from *row) made[models.User] {
			user, link := r.user(p, from)
			r.users[user.ID], links[user.ID] = user.Username, link
			return made[models.User]{row: *user}
		},
		find: func(ctx context.Context, tx bun.Tx, all []made[models.User]) error {
			if err := byID("users", func(u *models.User) int64 { return u.ID }, sameUser)(ctx, tx, all); err != nil {
				return err
			}
			return r.closeSampleAccounts(ctx, all)
		},
		after: func(ctx context.Context, tx bun.Tx, added []models.User) error {
			var rows []models.DjangoLink
			for _, user := range added {
				if link := links[user.ID]; link != nil {
					rows = append(rows, *link)
				}
			}
			clear(links)
			if len(rows) == 0 {
				return nil
			}
			if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
				return fmt.Errorf("keep Django's links: %w", err)
			}
			return nil
		},
	}.run(ctx, r)
	if err != nil {
		return err
	}
	return r.accountForAddresses(ctx, p)
}

func (r *run) readPeople(ctx context.Context) (*people, error) {
	p := &people{addresses: map[int64][]address{}, owners: map[string]int64{}, verified: map[string]bool{}, names: map[string]int64{}}
	if r.source.has("account_emailaddress") {
		err := r.source.each(ctx, "SELECT * FROM account_emailaddress ORDER BY id", func(from *row) error {
			a := address{from.id("id"), from.id("user_id"), from.text("email", 254), from.bool("verified"), from.bool("primary")}
			p.addresses[a.user] = append(p.addresses[a.user], a)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return p, r.source.each(ctx, "SELECT id, username, email FROM auth_user ORDER BY id", func(from *row) error {
		p.meet(from)
		return nil
	})
}

func sameUser(have, want *models.User) bool {
	return have.DateJoined.Equal(want.DateJoined) || strings.EqualFold(have.Username, want.Username)
}

// meet notes who keeps a username (whoever was first) and an address (who confirmed it,
// else whoever was first).
func (p *people) meet(from *row) {
	id := from.id("id")
	name := spelling(from.text("username", 150))
	if _, taken := p.names[name]; !taken && name != "" {
		p.names[name] = id
	}
	written, verified := p.address(id, from.text("email", 254))
	email := addressKey(written)
	if _, taken := p.owners[email]; email != "" && (!taken || verified && !p.verified[email]) {
		p.owners[email], p.verified[email] = id, verified
	}
}

// addressKey tells addresses apart as the accounts' index does: what is no address keeps
// its case, and is still the same in another.
func addressKey(written string) string { return strings.ToLower(models.NormalizeEmail(written)) }

// spelling is the one spelling of a username.
func spelling(username string) string {
	return strings.ToLower(models.NormalizeUsername(username))
}

// address is the address of an account, and whether it is confirmed: the account's own,
// else the primary one of allauth's.
func (p *people) address(user int64, own string) (written string, verified bool) {
	if own == "" {
		for _, a := range p.addresses[user] {
			if own == "" || a.primary {
				own = a.email
			}
		}
	}
	for _, a := range p.addresses[user] {
		verified = verified || a.verified && addressKey(a.email) == addressKey(own)
	}
	return own, verified
}

// user is the account here, and what links that Django mailed to it are signed over
// where the account does not say it; nil: it does.
func (r *run) user(p *people, from *row) (*models.User, *models.DjangoLink) {
	user := &models.User{
		ID: from.id("id"), Username: models.NormalizeUsername(from.text("username", 150)), Password: from.text("password", 255),
		FirstName: from.text("first_name", 150), LastName: from.text("last_name", 150),
		IsActive: from.bool("is_active"), IsStaff: from.bool("is_staff"), IsSuperuser: from.bool("is_superuser"),
		DateJoined: from.timeOr(r.at, "date_joined"), LastLogin: from.time("last_login"),
	}
	p.name(user, from)
	stored := from.text("email", 254)
	written, verified := p.address(user.ID, stored)
	user.Email = models.NormalizeEmail(written)
	switch owner := p.owners[addressKey(written)]; {
	case user.Email == "":
		user.Email = models.StandInEmail(user.ID)
		from.note("it has no e-mail address: user-ID@no-address.invalid stands in until somebody enters one")
	case owner != user.ID:
		user.Email = models.StandInEmail(user.ID)
		from.note("its e-mail address is that of user %d, who keeps it: user-ID@no-address.invalid stands in; it logs in by its username", owner)
		verified = false
	case verified:
		user.EmailVerifiedAt = user.DateJoined
	}
	if !user.IsActive && (verified || !user.LastLogin.IsZero()) {
		user.DisabledAt = r.at
	}
	link := &models.DjangoLink{UserID: user.ID, Email: stored}
	if user.Waiting() {
		for _, a := range p.addresses[user.ID] {
			if addressKey(a.email) == addressKey(user.Email) {
				link.EmailAddressID = a.id
			}
		}
	}
	if link.EmailAddressID == 0 && stored == user.Email {
		return user, nil
	}
	return user, link
}

// name gives an account a username of its own where it has none, or one that differs
// from another's in case only.
func (p *people) name(user *models.User, from *row) {
	if user.Username != "" && p.names[spelling(user.Username)] == user.ID {
		return
	}
	old := user.Username
	user.Username = models.Truncate(old, 130) + fmt.Sprintf("-%d", user.ID)
	for p.names[spelling(user.Username)] != 0 {
		user.Username += "-"
	}
	p.names[spelling(user.Username)] = user.ID
	from.note("its username %q is another's in another case, or empty: it is %q here", old, user.Username)
}

// closeSampleAccounts takes the password from superusers, and from whoever is called
// admin, where it is one that everybody knows: they choose a new one by Forgot password,
// or get one by the command changepassword.
func (r *run) closeSampleAccounts(ctx context.Context, all []made[models.User]) error {
	for i := range all {
		user := &all[i].row
		if all[i].outcome != Imported || !user.IsSuperuser && !strings.EqualFold(user.Username, "admin") {
			continue
		}
		known, err := r.IsSamplePassword(ctx, user.Password)
		if err != nil {
			return err
		}
		if known {
			user.Password = "!" + rand.Text() // nobody's, in Django's spelling
			all[i].notes = append(all[i].notes, "its password is one that everybody knows, so it was taken away: Forgot password, or digitalpath changepassword, sets a new one")
		}
	}
	return nil
}

// accountForAddresses says what became of each row of account_emailaddress.
func (r *run) accountForAddresses(ctx context.Context, p *people) error {
	return copying[address]{
		table: "account_emailaddress",
		make: func(from *row) made[address] {
			user := from.id("user_id")
			if r.users[user] == "" {
				return leave[address]("its user does not exist")
			}
			email := addressKey(from.text("email", 254))
			if p.owners[email] == user {
				return made[address]{outcome: Merged}
			}
			if p.owners[email] != 0 {
				return leave[address]("another account has this address, and keeps it")
			}
			return leave[address]("its user has another address, and an account has one here")
		},
		find: func(context.Context, bun.Tx, []made[address]) error { return nil },
	}.run(ctx, r)
}
