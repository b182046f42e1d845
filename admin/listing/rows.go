package listing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/views/adminpages"
)

// Rows is one page of a list's rows with what lies beyond it.
type Rows struct {
	All          []any
	Newer, Older bool
	Far          bool // none was read: the order leads past too many rows that the filters leave out
}

// FetchPage reads the page that s asks for. A page before a cursor that would reach
// past the start of the list is the first page instead, so that it is a full one.
func (s *State) FetchPage(ctx context.Context, db *bun.DB, src Source, total adminpages.Count) (Rows, error) {
	if total.N == 0 && !total.Capped {
		return Rows{}, nil
	}
	src.gather = !total.Capped && s.narrowed(nil)
	if total.Capped && models.IsPostgres(db) && s.searchesAll() && !src.Bounded {
		rows, err := s.fetchBegin(ctx, db, src)
		if err != nil || len(rows) > 0 {
			return Rows{All: rows[:min(len(rows), s.Size)], Older: len(rows) > s.Size}, err
		}
	}
	if total.Capped && s.Order.Indexed {
		src = s.walked(src)
	}
	pages := max(1, (total.N+s.Size-1)/s.Size)
	switch {
	case s.Last && total.Capped:
		s.Page, s.Reverse = 0, true
	case s.Last:
		s.Page = pages
	case s.Place == nil && !total.Capped:
		s.Page = min(s.Page, pages)
	}
	var rows []any
	var err error
	if total.Capped && s.opens() && s.strays(src) {
		var far bool
		if rows, far, err = s.fetchNear(ctx, db, src); far {
			return Rows{Far: true}, err
		}
	} else {
		rows, err = s.fetchRows(ctx, db, src)
	}
	if err != nil {
		return Rows{}, err
	}
	if len(rows) == 0 && !s.Reverse && (s.Place != nil || s.Page > 1) {
		// Beyond the end, or what was here is gone.
		s.Place, s.Page, s.Reverse = nil, 0, true
		if rows, err = s.fetchRows(ctx, db, src); err != nil {
			return Rows{}, err
		}
	}
	more := len(rows) > s.Size
	rows = rows[:min(len(rows), s.Size)]
	switch {
	case s.Reverse && !more:
		s.Reverse, s.Place, s.Page = false, nil, 1
		rows, err = s.fetchRows(ctx, db, src)
		return Rows{All: rows[:min(len(rows), s.Size)], Older: len(rows) > s.Size}, err
	case s.Reverse:
		slices.Reverse(rows)
		return Rows{All: rows, Newer: true, Older: s.Place != nil}, nil
	}
	return Rows{All: rows, Newer: s.Place != nil || s.Page > 1, Older: more}, nil
}

// fetchRows reads one row more than a page, in the order of reading: backwards
// where s is reversed. Stretches of the order are read one after the other, the
// next one only where it is needed: it may hold no match at all, and say so late.
func (s *State) fetchRows(ctx context.Context, db *bun.DB, src Source) ([]any, error) {
	skip := int64(0)
	if s.Place == nil && s.Page > 1 {
		skip = int64(s.Page-1) * int64(s.Size)
	}
	all, src := s.stretches(), s.sortable(src)
	steps := slices.Collect(slices.Chunk(all, 1))
	if skip > 0 {
		steps = [][]stretch{all}
	}
	var rows []any
	for _, step := range steps {
		more, err := s.fetchStretches(ctx, db, src, step, skip)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", s.Of.Name, err)
		}
		if rows = append(rows, more...); len(rows) > s.Size {
			break
		}
	}
	return rows[:min(len(rows), s.Size+1)], nil
}

// Behind reads at most limit rows behind a place, or from the start where it is nil.
func (s *State) Behind(ctx context.Context, db *bun.DB, src Source, place Cursor, limit int) ([]any, error) {
	return s.step(ctx, db, src, place, limit, false)
}

// step reads at most limit rows from a place on, backwards where it is reversed.
func (s *State) step(ctx context.Context, db *bun.DB, src Source, place Cursor, limit int, reverse bool) ([]any, error) {
	step := *s
	step.Place, step.Page, step.Reverse, step.Last, step.Size = place, 0, reverse, false, limit
	rows, err := step.fetchRows(ctx, db, src)
	return rows[:min(len(rows), limit)], err
}

// newestHits are the ids of the rows that were inserted last, of those that a full-text
// table finds.
func (t *Table) newestHits(quoted []string) Cond {
	table := bun.Ident(t.FullText)
	return Where("SELECT rowid AS id FROM ? WHERE ? MATCH ? ORDER BY rowid DESC LIMIT ?", table, table, strings.Join(quoted, " "), hitsOfNewest)
}

// hitsOfNewest is how many of the newest matches are counted, where a full-text table finds
// many, and offered from.
const hitsOfNewest = 250

// Newest reads the first rows of the order that have every word, in one query and without
// counting any. What costs as much as the table is long is not looked for: common words in
// its old rows on SQLite, and what no index knows in all but the newest ones.
func (s *State) Newest(ctx context.Context, db *bun.DB, limit int) ([]any, error) {
	t, src, quoted := s.Of, Source{cap: hitsOfNewest}, []string{}
	for _, word := range s.Words {
		if phrase, ok := models.TrigramPhrase(word); ok && t.FullText != "" {
			quoted = append(quoted, phrase)
		} else {
			src.where = append(src.where, t.contains(word))
		}
	}
	switch {
	case len(quoted) > 0:
		hits := t.newestHits(quoted)
		src.hits, src.gather = &hits, true
	case !models.IsPostgres(db) || !t.searchable() || !slices.ContainsFunc(s.Words, indexes(true)):
		src = t.newest(db, src)
	}
	plain := *t
	plain.Complete = nil // is read for lists alone
	first := *s
	first.Of = &plain
	return first.Behind(ctx, db, src.With(s.Conds(nil)...), nil, limit)
}

// fetchStretches finds the keys in an index with its inner query and the rows with
// the outer one, so that skipped rows are never read.
func (s *State) fetchStretches(ctx context.Context, db *bun.DB, src Source, all []stretch, skip int64) ([]any, error) {
	keys := s.keys(db, src, all, skip, int64(s.Size)+1)
	return s.Of.Fetch(ctx, db, func(outer *bun.SelectQuery) {
		outer.Join("JOIN (?) AS page ON page."+s.idKey()+" = "+s.Of.PK.SQL, keys).OrderExpr("rank, " + s.Order.terms(s.Reverse))
	})
}

// idKey is the name of the primary key among the keys of a row.
func (s *State) idKey() string { return fmt.Sprintf("k%d", len(s.Order.Keys)-1) }

// sortable lets all rows be collected where no index holds the order, nor helps with it.
func (s *State) sortable(src Source) Source {
	if !s.Order.Indexed && (!s.Order.Led || s.narrowed(nil)) {
		src.gather, src.cap = true, SortCap
	}
	return src
}

func (s *State) stretches() []stretch {
	all := s.Order.stretches(s.Place, s.Reverse)
	if slices.ContainsFunc(s.Picks, func(p Pick) bool { return p.Column.Field == s.Order.Keys[0].Field && p.spansTime() }) {
		all = slices.DeleteFunc(all, func(part stretch) bool { return part.nulls })
	}
	return all
}

// keys reads the keys of rows in the order of reading, each with its rank.
func (s *State) keys(db *bun.DB, src Source, all []stretch, skip, limit int64) *bun.SelectQuery {
	var branches []string
	var args []any
	parts, alone := s.parts(), skip
	if len(parts)*len(all) > 1 {
		alone = 0 // merged first, skipped then
	}
	for _, part := range parts {
		for _, some := range all {
			branches = append(branches, "SELECT * FROM (?) AS branch")
			branch := s.branch(db, src.With(part...).With(some.where...), some.rank)
			args = append(args, branch.Limit(skip-alone+limit).Offset(alone))
		}
	}
	return db.NewSelect().TableExpr("("+strings.Join(branches, " UNION ALL ")+") AS branches", args...).
		OrderExpr("rank, " + s.Order.terms(s.Reverse)).Limit(limit).Offset(skip - alone)
}

// branch reads the keys of src's rows in order. Where few rows are left they are
// collected by whatever index finds them best, and then sorted: the inner LIMIT
// keeps the planner from walking an ordered index past everything else.
func (s *State) branch(db *bun.DB, src Source, rank int) *bun.SelectQuery {
	query := s.Of.SelectFrom(db, src).ColumnExpr("? AS rank", rank)
	for i, key := range s.Order.Keys {
		query.ColumnExpr(fmt.Sprintf("%s AS k%d", key.SQL, i))
	}
	if s.Order.Led && !src.gather && !models.IsPostgres(db) {
		query.Where(s.Order.Keys[0].SQL + " < x''") // as is all that is no blob: it makes SQLite take the index
	}
	if src.gather {
		query.Limit(int64(src.cap) + 1)
	}
	switch {
	case src.whole:
		query = db.NewSelect().With("gathered", query).TableExpr("gathered").Where("(SELECT count(*) FROM gathered) < ?", src.cap)
	case src.gather || s.Order.Led: // whose terms are not of columns alone
		query = db.NewSelect().TableExpr("(?) AS gathered", query)
	}
	return query.OrderExpr(s.Order.terms(s.Reverse))
}

// maxNewer is how many rows Newer counts.
const maxNewer = 500

// Newer counts the rows from after a time that the filters leave, by the index that holds
// the list's order.
func (s *State) Newer(ctx context.Context, db *bun.DB, since time.Time) (count int, err error) {
	where, args := s.Of.Dates.Between(since.Add(time.Microsecond), since.AddDate(100, 0, 0))
	plain := *s
	plain.sizes = nil // what is new is few
	found := plain.along(db, Source{}.With(append(plain.Conds(nil), Where(where, args...))...), lead{Column: s.Of.Dates, span: true}).ColumnExpr("1").Limit(maxNewer)
	if err = db.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS found", found).Scan(ctx, &count); err != nil {
		err = fmt.Errorf("count what is new of %s: %w", s.Of.Name, err)
	}
	return count, err
}
