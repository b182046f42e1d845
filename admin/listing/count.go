package listing

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/views/adminpages"
)

// Counts are what a list says about its size.
type Counts struct {
	Total          adminpages.Count
	All            map[*kinds.Column]*adminpages.Count   // of a filter's All
	Choices        map[*kinds.Column][]*adminpages.Count // nil: not counted
	Oldest, Newest time.Time                             // of the model's dates; zero in an empty table
}

// counter gathers the counts of one list into one query.
type counter struct {
	*State
	db    *bun.DB
	src   Source
	query *bun.SelectQuery
	dests []any
	after []func() // reads the results
}

// Count asks for everything in one round trip. A number of rows is counted on an
// index up to CountCap; where several conditions meet, which no index need hold
// together, choices are counted on the first CountCap rows that meet the others.
func (s *State) Count(ctx context.Context, db *bun.DB, src Source) (*Counts, error) {
	t := &Counts{All: map[*kinds.Column]*adminpages.Count{}, Choices: map[*kinds.Column][]*adminpages.Count{}}
	c := &counter{State: s, db: db, src: src, query: db.NewSelect()}
	var sampled []Pick
	for _, pick := range s.Picks {
		switch {
		case !s.narrowed(pick.Column):
			c.each(t, pick)
		case pick.Default != "": // would cost a second search, for what is mostly left out
		case pick.Active():
			c.sample(t, pick.Column, nil, []Pick{pick})
		default:
			sampled = append(sampled, pick)
		}
	}
	if s.narrowed(nil) {
		c.sample(t, nil, &t.Total, sampled)
	} else {
		c.number(c.src, s.Conds(nil), s.lead(nil), &t.Total)
	}
	var oldest, newest bun.NullTime
	if s.Of.Dates != nil {
		c.edge(&oldest, " ASC")
		c.edge(&newest, " DESC")
	}
	if err := c.query.Scan(ctx, c.dests...); err != nil {
		return nil, fmt.Errorf("count %s: %w", s.Of.Name, err)
	}
	for _, read := range c.after {
		read()
	}
	t.Oldest, t.Newest = oldest.In(s.days()), newest.In(s.days())
	return t, nil
}

// number counts the rows under conds up to the cap.
func (c *counter) number(src Source, conds []Cond, along lead, count *adminpages.Count) {
	found := c.along(c.db, src.With(conds...), along).ColumnExpr("1").Limit(int64(src.cap) + 1)
	n := new(int)
	c.query.ColumnExpr("(SELECT count(*) FROM (?) AS counted)", found)
	c.dests = append(c.dests, n)
	c.after = append(c.after, func() { *count = src.capped(*n) })
}

func (src Source) capped(n int) adminpages.Count {
	return adminpages.Count{N: min(n, src.cap), Capped: n > src.cap || src.partial}
}

// each counts a filter's choices one by one.
func (c *counter) each(t *Counts, pick Pick) {
	others, along := c.Conds(pick.Column), lead{pick.Column, pick.Column.Kind.Traits(pick.Column).Times, pick.Column}
	if pick.Default != "" { // all indexes begin with its column
		along.Column, along.span = c.Of.Dates, true
	}
	src := c.src.unnamed(pick.Column)
	if models.IsPostgres(c.db) && alike(pick) {
		t.Choices[pick.Column] = c.numbers(pick.Choices, others, along)
	} else {
		for _, choice := range pick.Choices {
			count := new(adminpages.Count)
			t.Choices[pick.Column] = append(t.Choices[pick.Column], count)
			c.number(src.led(pick.Column, choice), append(others[:len(others):len(others)], condOf(choice)), along, count)
		}
	}
	if pick.Active() && pick.Default == "" {
		t.All[pick.Column] = new(adminpages.Count)
		c.number(src, others, c.lead(pick.Column), t.All[pick.Column])
	}
}

// alike tells whether several choices differ by one text alone, so that they are counted at
// once: PostgreSQL takes longer to plan a statement for each than to count.
func alike(pick Pick) bool {
	texts := pick.Column.Field.IndirectType.Kind() == reflect.String
	return texts && len(pick.Choices) > 1 && !slices.ContainsFunc(pick.Choices, func(o kinds.Option) bool {
		return len(o.Args) != 1 || o.Where != pick.Column.SQL+" = ?" || o.IDs != ""
	})
}

// numbers counts the rows of choices that are alike.
func (c *counter) numbers(choices []kinds.Option, others []Cond, along lead) []*adminpages.Count {
	var values []string
	var args []any
	counts := make([]*adminpages.Count, len(choices))
	for i, choice := range choices {
		values, args, counts[i] = append(values, "(?, ?)"), append(args, i, choice.Args[0]), new(adminpages.Count)
	}
	wanted := Where(strings.Replace(choices[0].Where, "?", "wanted.value", 1))
	found := c.along(c.db, c.src.With(append(others[:len(others):len(others)], wanted)...), along).ColumnExpr("1").Limit(int64(c.src.cap) + 1)
	var all []int
	c.query.ColumnExpr("ARRAY(SELECT (SELECT count(*) FROM (?) AS counted) FROM (VALUES "+strings.Join(values, ", ")+") AS wanted (place, value) ORDER BY place)",
		append([]any{found}, args...)...)
	c.dests = append(c.dests, pgdialect.Array(&all))
	c.after = append(c.after, func() {
		for i, n := range all {
			*counts[i] = c.src.capped(n)
		}
	})
	return counts
}

// sample reads the rows that meet every condition but except's once, and counts
// them, into total, and the choices of picks among them. Beyond the cap these are
// lower bounds.
func (c *counter) sample(t *Counts, except *kinds.Column, total *adminpages.Count, picks []Pick) {
	rows := c.along(c.db, c.src.unnamed(except).With(c.Conds(except)...), c.lead(except)).ColumnExpr("1 AS one").Limit(int64(c.src.cap) + 1)
	var own []string // what the choices read, each once
	for _, pick := range picks {
		if !slices.Contains(own, pick.Column.Own) {
			own = append(own, pick.Column.Own)
			rows.ColumnExpr(pick.Column.Own)
		}
	}
	name := fmt.Sprintf("sample%d", len(c.dests))
	columns, args := []string{"count(*) AS n"}, []any{}
	n, src := new(int), c.src
	c.query.ColumnExpr(name + ".n")
	c.dests = append(c.dests, n)
	if total != nil {
		c.after = append(c.after, func() { *total = src.capped(*n) })
	}
	column := func(dest any) (alias string) {
		alias = fmt.Sprintf("n%d", len(columns))
		c.query.ColumnExpr(name + "." + alias)
		c.dests = append(c.dests, dest)
		return alias
	}
	for _, pick := range picks {
		if total == nil {
			all := new(adminpages.Count)
			t.All[pick.Column] = all
			c.after = append(c.after, func() { *all = src.capped(*n) })
		}
		counts := make([]*adminpages.Count, len(pick.Choices))
		t.Choices[pick.Column] = counts
		if alike(pick) {
			groups := make(grouped)
			columns = append(columns, c.group(pick.Column)+" AS "+column(&groups))
			c.after = append(c.after, func() {
				for i, choice := range pick.Choices {
					counts[i] = src.part(groups[fmt.Sprint(choice.Args[0])], *n)
				}
			})
			continue
		}
		for i, choice := range pick.Choices {
			part := new(int)
			columns = append(columns, "count(*) FILTER (WHERE "+choice.Where+") AS "+column(part))
			args = append(args, choice.Args...)
			c.after = append(c.after, func() { counts[i] = src.part(*part, *n) })
		}
	}
	with := []any{rows}
	found := "found AS (?)"
	if len(c.Words) > 0 && models.IsPostgres(c.db) {
		// It takes matching a text for cheap and would, for a few hits, rather try row after
		// row than ask the trigram index. So it plans for many behind a fence, and is
		// stopped at the cap.
		found = "planned AS MATERIALIZED (?), found AS MATERIALIZED (SELECT * FROM planned LIMIT ?)"
		with = []any{rows.Limit(commonWord), c.src.cap + 1}
	}
	args = append(with, append(args, c.Of.Schema.SQLAlias)...)
	c.query.TableExpr("(WITH "+found+" SELECT "+strings.Join(columns, ", ")+" FROM found AS ?) AS "+name, args...)
}

// group counts the rows of a sample by a column: at once, however many choices it has.
func (c *counter) group(column *kinds.Column) string {
	object := "json_group_object"
	if models.IsPostgres(c.db) {
		object = "json_object_agg"
	}
	return fmt.Sprintf("(SELECT %s(value, number) FROM (SELECT %s AS value, count(*) AS number FROM found AS %s GROUP BY 1) AS groups WHERE value IS NOT NULL)",
		object, column.SQL, c.Of.Schema.SQLAlias)
}

// grouped is how many rows have each text, as the database writes it in JSON.
type grouped map[string]int

func (g *grouped) Scan(src any) error {
	switch src := src.(type) {
	case nil: // of no rows
		return nil
	case string:
		return json.Unmarshal([]byte(src), g)
	case []byte:
		return json.Unmarshal(src, g)
	}
	return fmt.Errorf("counts by a text are %T", src)
}

// part is how many rows of a sample of n have a choice. Where the sample is not
// everything, none of them says nothing.
func (src Source) part(part, n int) *adminpages.Count {
	capped := src.capped(n).Capped
	if part == 0 && capped {
		return nil
	}
	return &adminpages.Count{N: min(part, src.cap), Capped: capped}
}

// edge finds the first date in the given direction among all rows that the default
// filters leave.
func (c *counter) edge(dest *bun.NullTime, direction string) {
	var branches []string
	var args []any
	for _, part := range c.parts() {
		query := c.Of.SelectFrom(c.db, Source{}.With(part...).With(c.defaults()...)).ColumnExpr(c.Of.Dates.SQL + " AS d").
			OrderExpr(c.Of.Dates.SQL + direction).Limit(1)
		branches = append(branches, "SELECT d FROM (?) AS branch")
		args = append(args, query)
	}
	c.query.ColumnExpr("(SELECT d FROM ("+strings.Join(branches, " UNION ALL ")+") AS edges ORDER BY d"+direction+" LIMIT 1)", args...)
	c.dests = append(c.dests, dest)
}

// Few tells whether there are few enough rows to sort them in any order.
func (s *State) Few(ctx context.Context, db *bun.DB, src Source) (bool, error) {
	if src.partial || len(s.Words) > 0 {
		return false, nil
	}
	found := s.along(db, src.With(s.Conds(nil)...), s.lead(nil)).ColumnExpr("1").Limit(SortCap + 1)
	var n int
	if err := db.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS found", found).Scan(ctx, &n); err != nil {
		return false, fmt.Errorf("count what to sort of %s: %w", s.Of.Name, err)
	}
	return n <= SortCap, nil
}

// SortFew lets the rows be sorted, where they are few, instead of looked for in the order
// that an index holds.
func (s *State) SortFew(ctx context.Context, db *bun.DB, src Source) (few bool, err error) {
	if few, err = s.Few(ctx, db, src); few {
		s.Order.Indexed = false
	}
	return few, err
}

// Totals counts the rows of several lists in one query, each from its own source.
func Totals(ctx context.Context, db *bun.DB, all []*State, from []Source) ([]adminpages.Count, error) {
	totals := make([]adminpages.Count, len(all))
	c := &counter{db: db, query: db.NewSelect()}
	for i, s := range all {
		if c.State, c.src = s, from[i]; s.narrowed(nil) {
			c.sample(nil, nil, &totals[i], nil)
		} else {
			c.number(c.src, s.Conds(nil), s.lead(nil), &totals[i])
		}
	}
	if err := c.query.Scan(ctx, c.dests...); err != nil {
		return nil, fmt.Errorf("count lists: %w", err)
	}
	for _, read := range c.after {
		read()
	}
	return totals, nil
}
