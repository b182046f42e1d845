package admin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/views/adminpages"
)

// countCap is where counting stops, so that a count costs the same on any table.
const countCap = 1000

// counts are what a list says about its size.
type counts struct {
	total          adminpages.Count
	all            map[*column]*adminpages.Count   // of a filter's All
	choices        map[*column][]*adminpages.Count // nil: not counted
	oldest, newest time.Time                       // of the model's dates; zero in an empty table
}

// counter gathers the counts of one list into one query.
type counter struct {
	*request
	db    *bun.DB
	src   source
	query *bun.SelectQuery
	dests []any
	after []func() // reads the results
}

// count asks for everything in one round trip. A number of rows is counted on an
// index up to countCap; where several conditions meet, which no index need hold
// together, choices are counted on the first countCap rows that meet the others.
func (q *request) count(ctx context.Context, db *bun.DB, src source) (*counts, error) {
	t := &counts{all: map[*column]*adminpages.Count{}, choices: map[*column][]*adminpages.Count{}}
	c := &counter{request: q, db: db, src: src, query: db.NewSelect()}
	var sampled []picked
	for _, pick := range q.picks {
		switch {
		case !q.narrowed(pick.column):
			c.each(t, pick)
		case pick.byDefault != "": // would cost a second search, for what is mostly left out
		case pick.active():
			c.sample(t, pick.column, nil, []picked{pick})
		default:
			sampled = append(sampled, pick)
		}
	}
	if q.narrowed(nil) {
		c.sample(t, nil, &t.total, sampled)
	} else {
		c.number(q.conds(nil), &t.total)
	}
	var oldest, newest bun.NullTime
	if q.dates != nil {
		c.edge(&oldest, " ASC")
		c.edge(&newest, " DESC")
	}
	if err := c.query.Scan(ctx, c.dests...); err != nil {
		return nil, fmt.Errorf("count %s: %w", q.slug, err)
	}
	for _, read := range c.after {
		read()
	}
	t.oldest, t.newest = oldest.In(q.zone), newest.In(q.zone)
	return t, nil
}

// number counts the rows under conds up to the cap.
func (c *counter) number(conds []cond, count *adminpages.Count) {
	found := c.selectFrom(c.db, c.src.with(conds...)).ColumnExpr("1").Limit(int64(c.src.cap) + 1)
	n := new(int)
	c.query.ColumnExpr("(SELECT count(*) FROM (?) AS counted)", found)
	c.dests = append(c.dests, n)
	c.after = append(c.after, func() { *count = c.capped(*n) })
}

func (c *counter) capped(n int) adminpages.Count {
	return adminpages.Count{N: min(n, c.src.cap), Capped: n > c.src.cap || c.src.partial}
}

// each counts a filter's choices one by one.
func (c *counter) each(t *counts, pick picked) {
	others := c.conds(pick.column)
	for _, choice := range pick.choices {
		count := new(adminpages.Count)
		t.choices[pick.column] = append(t.choices[pick.column], count)
		c.number(append(others[:len(others):len(others)], choice.where), count)
	}
	if pick.active() && pick.byDefault == "" {
		t.all[pick.column] = new(adminpages.Count)
		c.number(others, t.all[pick.column])
	}
}

// sample reads the rows that meet every condition but except's once, and counts
// them, into total, and the choices of picks among them. Beyond the cap these are
// lower bounds.
func (c *counter) sample(t *counts, except *column, total *adminpages.Count, picks []picked) {
	rows := c.selectFrom(c.db, c.src.with(c.conds(except)...)).ColumnExpr("1 AS one").Limit(int64(c.src.cap) + 1)
	if models.IsPostgres(c.db) {
		rows.Limit(commonWord)
	}
	for _, pick := range c.picks {
		rows.ColumnExpr(pick.column.SQL)
	}
	name := fmt.Sprintf("sample%d", len(c.dests))
	columns, args := []string{"count(*) AS n"}, []any{}
	n := new(int)
	c.query.ColumnExpr(name + ".n")
	c.dests = append(c.dests, n)
	if total != nil {
		c.after = append(c.after, func() { *total = c.capped(*n) })
	}
	for _, pick := range picks {
		if total == nil {
			all := new(adminpages.Count)
			t.all[pick.column] = all
			c.after = append(c.after, func() { *all = c.capped(*n) })
		}
		counts := make([]*adminpages.Count, len(pick.choices))
		t.choices[pick.column] = counts
		for i, choice := range pick.choices {
			alias := fmt.Sprintf("n%d", len(columns))
			columns = append(columns, "count(*) FILTER (WHERE "+choice.where.sql+") AS "+alias)
			args = append(args, choice.where.args...)
			c.part(name+"."+alias, n, &counts[i])
		}
	}
	// PostgreSQL takes matching a text for cheap and would, for a few hits, rather try
	// row after row than ask the trigram index. So it plans for many behind a fence,
	// and is stopped at the cap.
	args = append(args, rows, c.src.cap+1, c.table.SQLAlias)
	c.query.TableExpr("(SELECT "+strings.Join(columns, ", ")+
		" FROM (WITH planned AS MATERIALIZED (?) SELECT * FROM planned LIMIT ?) AS ?) AS "+name, args...)
}

// part reads how many rows of a sample of *n have a choice. Where the sample is not
// everything, none of them says nothing.
func (c *counter) part(column string, n *int, count **adminpages.Count) {
	part := new(int)
	c.query.ColumnExpr(column)
	c.dests = append(c.dests, part)
	c.after = append(c.after, func() {
		if capped := c.capped(*n).Capped; *part > 0 || !capped {
			*count = &adminpages.Count{N: min(*part, c.src.cap), Capped: capped}
		}
	})
}

// edge finds the first date in the given direction among all rows that the default
// filters leave.
func (c *counter) edge(dest *bun.NullTime, direction string) {
	var branches []string
	var args []any
	for _, part := range c.parts() {
		query := c.selectFrom(c.db, source{}.with(part...)).ColumnExpr(c.dates.SQL + " AS d").
			OrderExpr(c.dates.SQL + direction).Limit(1)
		for _, pick := range c.picks {
			if pick.byDefault != "" && pick.index >= 0 {
				query.Where(pick.choices[pick.index].where.sql)
			}
		}
		branches = append(branches, "SELECT d FROM (?) AS branch")
		args = append(args, query)
	}
	c.query.ColumnExpr("(SELECT d FROM ("+strings.Join(branches, " UNION ALL ")+") AS edges ORDER BY d"+direction+" LIMIT 1)", args...)
	c.dests = append(c.dests, dest)
}
