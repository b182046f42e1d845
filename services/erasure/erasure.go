package erasure

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/services/records"
)

// longest is how long an erasure may take: it looks through every table, and half done it
// would be no good.
const longest = 2 * time.Minute

// Service erases people.
type Service struct {
	DB       *bun.DB
	Users    *records.Keeper[models.User]
	Messages *records.Keeper[models.ContactMessage]
	Waitlist *records.Keeper[models.WaitlistEntry]
}

// Slugs are the models that hold people: who erases one must be allowed to delete their
// rows for good.
func Slugs() []string { return []string{models.UsersSlug, models.ContactSlug, models.WaitlistSlug} }

// Address is that of the person whom a row of a model is about.
func (s *Service) Address(ctx context.Context, slug string, id int64) (address string, err error) {
	var model any
	switch slug {
	case models.UsersSlug:
		model = (*models.User)(nil)
	case models.ContactSlug:
		model = (*models.ContactMessage)(nil)
	default:
		model = (*models.WaitlistEntry)(nil)
	}
	err = s.DB.NewSelect().Model(model).Column("email").Where("id = ?", id).Scan(ctx, &address)
	if errors.Is(err, sql.ErrNoRows) {
		return "", problem.ErrNotFound()
	}
	if err != nil {
		return "", fmt.Errorf("read address: %w", err)
	}
	return address, nil
}

// Person is what is held of an address.
type Person struct {
	Address                   string
	users, messages, waitlist records.Held
	related                   []models.Related
}

// Removes counts what goes with the person, by table.
func (p *Person) Removes() []models.Related {
	all := []models.Related{}
	for _, held := range []struct {
		table string
		count int
	}{
		{"users", len(p.users.Rows)}, {"contact_messages", len(p.messages.Rows)}, {"waitlist_entries", len(p.waitlist.Rows)},
		{"trash", len(p.users.Trashed) + len(p.messages.Trashed) + len(p.waitlist.Trashed)},
	} {
		if held.count > 0 {
			all = append(all, models.Related{Table: held.table, Count: held.count, Effect: models.DeletedToo})
		}
	}
	return append(all, p.related...)
}

// Users are the ids of the person's accounts.
func (p *Person) Users() []int64 { return p.users.Rows }

// Of finds what is held of an address.
func (s *Service) Of(ctx context.Context, email string) (*Person, error) {
	for _, slug := range Slugs() {
		if !models.ActorOf(ctx).Rights.May(models.Purge, slug) {
			return nil, problem.New(problem.Forbidden, "forbidden", "To erase a person takes the right to delete users, contact messages and the waitlist for good.")
		}
	}
	p, err := &Person{Address: models.NormalizeEmail(email)}, error(nil)
	if !models.IsEmail(p.Address) {
		return nil, problem.Field("email", "Enter a valid e-mail address.")
	}
	if p.users, err = s.Users.HeldOf(ctx, s.DB, spellings(p), func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.WhereOr("lower(username) IN (?)", bun.List(spellings(p)))
	}); err != nil {
		return nil, err
	}
	if p.messages, err = s.Messages.HeldOf(ctx, s.DB, spellings(p), func(q *bun.SelectQuery) *bun.SelectQuery {
		// Which indexes find: that of a list, and one of the few that are not in lower case.
		return q.Where("(is_spam IN (FALSE, TRUE) AND email IN (?0) OR email <> lower(email) AND lower(email) IN (?0))", bun.List(spellings(p)))
	}); err != nil {
		return nil, err
	}
	if p.waitlist, err = s.Waitlist.HeldOf(ctx, s.DB, spellings(p), func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.WhereOr("user_id IN (?)", bun.List(p.users.Rows))
	}); err != nil {
		return nil, err
	}
	return p, s.relate(ctx, p)
}

// relate counts what else is deleted or changed with the person's rows.
func (s *Service) relate(ctx context.Context, p *Person) error {
	for _, of := range []struct {
		related func(context.Context, []int64) ([]models.Related, error)
		held    records.Held
	}{{s.Users.Related, p.users}, {s.Messages.Related, p.messages}, {s.Waitlist.Related, p.waitlist}} {
		if len(of.held.Rows) == 0 {
			continue
		}
		related, err := of.related(ctx, of.held.Rows)
		if err != nil {
			return err
		}
		for _, r := range related {
			i := slices.IndexFunc(p.related, func(known models.Related) bool { return known.Table == r.Table && known.Effect == r.Effect })
			switch {
			case r.Table == "history_entries": // which the erasure is about, as a whole
			case i < 0:
				p.related = append(p.related, r)
			default:
				p.related[i].Count += r.Count
				p.related[i].More = p.related[i].More || r.More
			}
		}
	}
	return nil
}

// spellings are the ways in which an address is stored, in lower case.
func spellings(p *Person) []string {
	address := strings.ToLower(p.Address)
	return slices.Compact([]string{address, strings.ToLower(models.DisplayEmail(address))})
}

// Erase deletes everything that is held of an address. It goes on when whoever asked for
// it has gone; one that was cut short is completed by another.
func (s *Service) Erase(ctx context.Context, email string) error {
	ctx, cancel := context.WithTimeout(models.WithSummary(context.WithoutCancel(ctx), "Erased"), longest)
	defer cancel()
	p, err := s.Of(ctx, email)
	if err != nil {
		return err
	}
	if err := models.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error { return s.erase(ctx, tx, p) }); err != nil {
		return err
	}
	for _, address := range spellings(p) {
		if err := errors.Join(eraseMentions(ctx, s.DB, address), eraseMentions(ctx, s.DB, strings.ToLower(url.QueryEscape(address)))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) erase(ctx context.Context, tx bun.Tx, p *Person) error {
	if err := eraseJobs(ctx, tx); err != nil {
		return err
	}
	if err := eraseActor(ctx, tx, p.users.Rows); err != nil {
		return err
	}
	names, err := s.Users.Erase(ctx, tx, p.users)
	if err != nil {
		return err
	}
	if _, err := s.Messages.Erase(ctx, tx, p.messages); err != nil {
		return err
	}
	if _, err := s.Waitlist.Erase(ctx, tx, p.waitlist); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*models.Signup)(nil)).Where("lower(email) IN (?)", bun.List(spellings(p))).Exec(ctx); err != nil {
		return fmt.Errorf("erase sign-ups: %w", err)
	}
	if _, err := tx.NewDelete().Model((*models.OutboxMessage)(nil)).Where("lower(recipient) IN (?)", bun.List(spellings(p))).Exec(ctx); err != nil {
		return fmt.Errorf("erase mails: %w", err)
	}
	return eraseNames(ctx, tx, names)
}

// eraseJobs deletes the files of jobs, whatever their model: nobody can look for an address
// in a workbook, or in a file that is still to be imported. One under way could bring
// somebody back.
func eraseJobs(ctx context.Context, tx bun.Tx) error {
	open, err := tx.NewSelect().Model((*models.Job)(nil)).Where("state IN (?)", bun.List([]models.JobState{models.JobQueued, models.JobRunning})).Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for jobs: %w", err)
	}
	if open {
		return problem.New(problem.Conflict, "conflict", "A background job is under way. Try again when it has ended.")
	}
	people := tx.NewSelect().Model((*models.Job)(nil)).Column("id").Where("model IN (?)", bun.List(append(Slugs(), "history")))
	if _, err := tx.NewDelete().Table("job_failures").Where("job_id IN (?)", people).Exec(ctx); err != nil {
		return fmt.Errorf("erase failures of jobs: %w", err)
	}
	for _, table := range []string{"job_files", "job_uploads"} {
		if _, err := tx.NewDelete().Table(table).Where("TRUE").Exec(ctx); err != nil {
			return fmt.Errorf("erase %s: %w", table, err)
		}
	}
	return nil
}

// eraseActor takes from the history where the person acted from.
func eraseActor(ctx context.Context, tx bun.Tx, users []int64) error {
	if _, err := tx.NewUpdate().Model((*models.HistoryEntry)(nil)).Set("username = '#' || user_id").Set("ip_address = ''").
		Where("user_id IN (?)", bun.List(users)).Exec(ctx); err != nil {
		return fmt.Errorf("erase who acted: %w", err)
	}
	return nil
}

// eraseNames empties the names of users who are gone where they tell who did something, and
// takes them out of changes that are called by them: "members.ann".
func eraseNames(ctx context.Context, tx bun.Tx, names []string) error {
	for _, table := range []string{"history_entries", "trash", "jobs"} {
		if _, err := tx.NewUpdate().Table(table).Set("username = ''").Where("username IN (?)", bun.List(names)).Exec(ctx); err != nil {
			return fmt.Errorf("erase who acted: %w", err)
		}
	}
	for _, name := range names {
		text, err := json.Marshal(name)
		if err != nil {
			return fmt.Errorf("erase who was changed: %w", err)
		}
		quoted := strings.Trim(string(text), `"`)
		called := regexp.MustCompile(`("field": ?"[a-z_]+\.)` + regexp.QuoteMeta(quoted) + `(")`)
		if err := eraseIn(ctx, tx, "history_entries", "changes", models.Like("."+strings.ToLower(quoted)+`"`), called); err != nil {
			return fmt.Errorf("erase who was changed: %w", err)
		}
	}
	return nil
}
