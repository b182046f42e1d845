package waitlist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// Query narrows, orders and pages a list of entries; zero values don't.
type Query struct {
	Search                      string // every word must be in an address, a name or a company
	Notified, Invited           *bool
	CreatedAfter, CreatedBefore time.Time // both inclusive
	Ordering                    string    // one of Orders, or with a "-" before it
	Limit, Offset               int
}

// Orders are the columns to order by; the newest come first by default.
var Orders = []string{"created_at", "updated_at", "invited_at", "email", "first_name", "last_name", "company"}

// List returns the entries that the actor may see, spam left out, and how many there
// are on all pages.
func (s *Service) List(ctx context.Context, in Query) (entries []models.WaitlistEntry, total int, err error) {
	column, descending := strings.CutPrefix(in.Ordering, "-")
	if column == "" {
		column, descending = "created_at", true
	}
	if !slices.Contains(Orders, column) {
		return nil, 0, problem.Field("ordering", "Order by %s, each with or without a minus in front.", strings.Join(Orders, ", "))
	}
	// Searching, SQLite would walk an index that begins with is_spam rather than the hits.
	hint := bun.Safe("")
	if in.Search != "" && !models.IsPostgres(s.DB) {
		hint = "+"
	}
	query := s.visible(s.DB.NewSelect().Model(&entries), models.ActorOf(ctx)).Where("? is_spam = ?", hint, false)
	in.narrow(query)
	if total, err = s.count(ctx, in, query); err != nil {
		return nil, 0, err
	}
	direction := map[bool]bun.Safe{false: "ASC", true: "DESC"}[descending]
	query.OrderExpr("? ? ?", hint, bun.Ident(column), direction)
	if column != "created_at" { // as the indexes go on
		query.OrderExpr("? created_at ?", hint, direction)
	}
	err = query.OrderExpr("id ?", direction).Limit(int64(in.Limit)).Offset(int64(in.Offset)).Scan(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("list waitlist entries: %w", err)
	}
	return entries, total, nil
}

// count counts the rows of a list's query. Where nothing but Notified and Invited narrows
// the whole list, the counts are kept.
func (s *Service) count(ctx context.Context, in Query, query *bun.SelectQuery) (int, error) {
	narrowed := in.Search != "" || !in.CreatedAfter.IsZero() || !in.CreatedBefore.IsZero()
	if narrowed || !mayOnAll(models.ActorOf(ctx), models.View) {
		count, err := query.Clone().Count(ctx)
		if err != nil {
			return 0, fmt.Errorf("count waitlist entries: %w", err)
		}
		return int(count), nil
	}
	kept, err := models.KeptCounts(ctx, s.DB, countedTable, parts...)
	if err != nil {
		return 0, err
	}
	total := 0
	for text, count := range kept {
		p := part(text)
		if (in.Notified == nil || *in.Notified == p.notified()) && (in.Invited == nil || *in.Invited == p.invited()) {
			total += count
		}
	}
	return total, nil
}

func (in Query) narrow(query *bun.SelectQuery) {
	for _, word := range models.SearchWords(in.Search) {
		if phrase, ok := models.TrigramPhrase(word); ok && !models.IsPostgres(query.DB()) {
			query.Where("id IN (SELECT rowid FROM waitlist_entries_search WHERE waitlist_entries_search MATCH ?)", "{email first_name last_name company} : "+phrase)
			continue
		}
		condition, args := models.Contains(word, "email", "first_name", "last_name", "company")
		query.Where(condition, args...)
	}
	if in.Notified != nil {
		query.Where("notified = ?", *in.Notified)
	}
	if in.Invited != nil {
		query.Where(map[bool]string{true: "invited_at IS NOT NULL", false: "invited_at IS NULL"}[*in.Invited])
	}
	if !in.CreatedAfter.IsZero() {
		query.Where("created_at >= ?", in.CreatedAfter)
	}
	if !in.CreatedBefore.IsZero() {
		query.Where("created_at <= ?", in.CreatedBefore)
	}
}

// mayOnAll tells whether somebody may do verb with the entries of others.
func mayOnAll(actor models.Actor, verb models.Verb) bool {
	staff := actor.User != nil && actor.User.IsStaff || actor.Channel == models.ChannelCommand
	return staff && actor.Rights.May(verb, models.WaitlistSlug)
}

// visible narrows a query to what the actor may see: everything, or what was joined
// under the account, or under its verified address, by whomever.
func (s *Service) visible(query *bun.SelectQuery, actor models.Actor) *bun.SelectQuery {
	if mayOnAll(actor, models.View) {
		return query
	}
	return query.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q.Where("user_id = ?", actor.UserID())
		if !actor.User.EmailVerifiedAt.IsZero() {
			q.WhereOr("lower(email) = ? AND NOT is_spam", models.NormalizeEmail(actor.User.Email))
		}
		return q
	})
}

// Find returns an entry that the actor may see, else problem.ErrNotFound.
func (s *Service) Find(ctx context.Context, id int64) (*models.WaitlistEntry, error) {
	return s.Rows().Load(ctx, id)
}

// Owns tells whether the entry is the actor's own.
func (s *Service) Owns(actor models.Actor, entry *models.WaitlistEntry) bool {
	if actor.User == nil || entry.IsSpam {
		return false
	}
	return entry.UserID == actor.User.ID || holds(actor.User, entry.Email)
}

// holds tells whether the address is proven to be the user's.
func holds(user *models.User, address string) bool {
	return !user.EmailVerifiedAt.IsZero() && models.NormalizeEmail(user.Email) == address
}
