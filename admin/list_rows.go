package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/admin/listing"
	"digitalpath/views/adminpages"
)

// rowsPage is one page of a list's rows with what lies beyond it.
type rowsPage struct {
	rows         []any
	newer, older bool
}

// fetchPage reads the page that q asks for. A page before a cursor that would reach
// past the start of the list is the first page instead, so that it is a full one.
func (q *request) fetchPage(ctx context.Context, db *bun.DB, src source, total adminpages.Count) (rowsPage, error) {
	if total.N == 0 && !total.Capped {
		return rowsPage{}, nil
	}
	src.gather = !total.Capped && q.narrowed(nil)
	pages := max(1, (total.N+pageSize-1)/pageSize)
	switch {
	case q.last && total.Capped:
		q.page, q.reverse = 0, true
	case q.last:
		q.page = pages
	case q.place == nil && !total.Capped:
		q.page = min(q.page, pages)
	}
	rows, err := q.fetchRows(ctx, db, src)
	if err != nil {
		return rowsPage{}, err
	}
	if len(rows) == 0 && !q.reverse && (q.place != nil || q.page > 1) {
		// Beyond the end, or what was here is gone.
		q.place, q.page, q.reverse = nil, 0, true
		if rows, err = q.fetchRows(ctx, db, src); err != nil {
			return rowsPage{}, err
		}
	}
	more := len(rows) > pageSize
	rows = rows[:min(len(rows), pageSize)]
	switch {
	case q.reverse && !more:
		q.reverse, q.place, q.page = false, nil, 1
		rows, err = q.fetchRows(ctx, db, src)
		return rowsPage{rows[:min(len(rows), pageSize)], false, len(rows) > pageSize}, err
	case q.reverse:
		slices.Reverse(rows)
		return rowsPage{rows, true, q.place != nil}, nil
	}
	return rowsPage{rows, q.place != nil || q.page > 1, more}, nil
}

// fetchRows reads one row more than a page, in the order of reading: backwards
// where q is reversed. Stretches of the order are read one after the other, the
// next one only where it is needed: it may hold no match at all, and say so late.
func (q *request) fetchRows(ctx context.Context, db *bun.DB, src source) ([]any, error) {
	skip := int64(0)
	if q.place == nil && q.page > 1 {
		skip = int64(q.page-1) * int64(q.size)
	}
	steps := slices.Collect(slices.Chunk(q.stretches(), 1))
	if skip > 0 {
		steps = [][]stretch{q.stretches()}
	}
	var rows []any
	for _, step := range steps {
		more, err := q.fetchStretches(ctx, db, src, step, skip)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", q.slug, err)
		}
		if rows = append(rows, more...); len(rows) > q.size {
			break
		}
	}
	return rows[:min(len(rows), q.size+1)], nil
}

// behind reads at most limit rows behind a place, or from the start where it is nil.
func (q *request) behind(ctx context.Context, db *bun.DB, src source, place listing.Cursor, limit int) ([]any, error) {
	step := *q
	step.place, step.page, step.reverse, step.last, step.size = place, 0, false, false, limit
	rows, err := step.fetchRows(ctx, db, src)
	return rows[:min(len(rows), limit)], err
}

// fetchStretches finds the keys in an index with its inner query and the rows with
// the outer one, so that skipped rows are never read.
func (q *request) fetchStretches(ctx context.Context, db *bun.DB, src source, all []stretch, skip int64) ([]any, error) {
	keys := q.keys(db, src, all, skip, int64(q.size)+1)
	return q.fetch(ctx, db, func(outer *bun.SelectQuery) {
		outer.Join("JOIN (?) AS page ON page."+q.idKey()+" = "+q.pk.SQL, keys).OrderExpr("rank, " + q.keyOrder())
	})
}

// idKey is the name of the primary key among the keys of a row.
func (q *request) idKey() string { return fmt.Sprintf("k%d", len(q.order.Keys)-1) }

// keys reads the keys of rows in the order of reading, each with its rank.
func (q *request) keys(db *bun.DB, src source, all []stretch, skip, limit int64) *bun.SelectQuery {
	var branches []string
	var args []any
	parts, alone := q.parts(), skip
	if len(parts)*len(all) > 1 {
		alone = 0 // merged first, skipped then
	}
	for _, part := range parts {
		for _, s := range all {
			branches = append(branches, "SELECT * FROM (?) AS branch")
			branch := q.branch(db, src.with(part...).with(s.where...), s.rank)
			args = append(args, branch.Limit(skip-alone+limit).Offset(alone))
		}
	}
	return db.NewSelect().TableExpr("("+strings.Join(branches, " UNION ALL ")+") AS branches", args...).
		OrderExpr("rank, " + q.keyOrder()).Limit(limit).Offset(skip - alone)
}

// stretch is a part of the order within which keys compare without nulls.
type stretch struct {
	rank  int
	where []cond
}

// stretches are the parts of the order from q's place on.
func (q *request) stretches() []stretch {
	key := q.order.Keys[0]
	if !key.Nullable {
		return []stretch{{0, q.seek(0)}}
	}
	values := stretch{1, []cond{{key.SQL + " IS NOT NULL", nil}}}
	nulls := stretch{2, []cond{{key.SQL + " IS NULL", nil}}}
	if q.descending() {
		nulls.rank = 0
	}
	switch {
	case q.place == nil:
		if q.descending() {
			return []stretch{nulls, values}
		}
		return []stretch{values, nulls}
	case q.place[0] == nil:
		nulls.where = append(nulls.where, q.seek(1)...)
		if q.descending() {
			return []stretch{nulls, values}
		}
		return []stretch{nulls}
	}
	values.where = append(values.where, q.seek(0)...)
	if q.descending() {
		return []stretch{values}
	}
	return []stretch{values, nulls}
}

// descending is the direction of reading.
func (q *request) descending() bool { return q.order.Desc != q.reverse }

// seek is the condition that keys from the given one on lie beyond q's place.
func (q *request) seek(from int) []cond {
	if q.place == nil {
		return nil
	}
	var names, marks []string
	for _, key := range q.order.Keys[from:] {
		names = append(names, key.SQL)
		marks = append(marks, "?")
	}
	operator := " > "
	if q.descending() {
		operator = " < "
	}
	return []cond{{"(" + strings.Join(names, ", ") + ")" + operator + "(" + strings.Join(marks, ", ") + ")", q.place[from:]}}
}

// branch reads the keys of src's rows in order. Where few rows are left they are
// collected by whatever index finds them best, and then sorted: the inner LIMIT
// keeps the planner from walking an ordered index past everything else.
func (q *request) branch(db *bun.DB, src source, rank int) *bun.SelectQuery {
	query := q.selectFrom(db, src).ColumnExpr("? AS rank", rank)
	for i, key := range q.order.Keys {
		query.ColumnExpr(fmt.Sprintf("%s AS k%d", key.SQL, i))
	}
	if src.gather {
		query.Limit(int64(src.cap) + 1)
		query = db.NewSelect().TableExpr("(?) AS gathered", query)
	}
	return query.OrderExpr(q.keyOrder())
}

// keyOrder sorts by the keys that a branch selects.
func (q *request) keyOrder() string {
	var terms []string
	for i := range q.order.Keys {
		terms = append(terms, fmt.Sprintf("k%d%s", i, q.direction()))
	}
	return strings.Join(terms, ", ")
}

func (q *request) direction() string {
	if q.descending() {
		return " DESC"
	}
	return " ASC"
}

// listRow is one row of a list.
func (r *resource) listRow(ctx context.Context, row any, badge Badge, names *names, from *origin) adminpages.Row {
	id := strconv.FormatInt(r.id(row), 10)
	shown := adminpages.Row{ID: id, URL: from.url(r.url(id))}
	if r.excerpt != nil {
		shown.Excerpt = oneLine(r.excerpt.Kind.Words(ctx, &r.excerpt.Column, kinds.Page{}, r.excerpt.Text(row)))
	}
	for i, c := range r.list {
		cell := names.put(ctx, c, row, r.cell(ctx, c, row, badge))
		cell.Text = oneLine(cell.Text)
		if i == 0 && cell.Kind == adminpages.CellEmpty {
			cell = adminpages.Cell{Text: "#" + id} // a link needs words
		}
		shown.Cells = append(shown.Cells, cell)
	}
	return shown
}
