package djangoimport

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Outcome is what became of a row of the source.
type Outcome int

const (
	Imported Outcome = iota // a row of the target is made of it
	Present                 // an earlier run imported it
	Merged                  // another row of the target holds what it says
	LeftOut                 // it is not in the target, for a reason
)

var outcomes = []string{"imported", "there already", "merged", "left out"}

// Ledger accounts for every row of the source.
type Ledger struct {
	csv     *csv.Writer // one line for each row with a reason
	tables  []string    // in the order of the import
	rows    map[string]int64
	sums    map[string]*[4]int64
	reasons map[reason]int64
	order   []reason
}

// reason is one sentence about rows of a table, without what differs from row to row.
type reason struct {
	table   string
	outcome Outcome
	text    string
}

// maxReasons bounds the reasons that are told apart in memory: some name values.
const maxReasons = 500

// newLedger also writes each row that has a reason into report; nil: nowhere.
func newLedger(report io.Writer) (*Ledger, error) {
	l := &Ledger{rows: map[string]int64{}, sums: map[string]*[4]int64{}, reasons: map[reason]int64{}}
	if report == nil {
		return l, nil
	}
	l.csv = csv.NewWriter(report)
	return l, l.csv.Write([]string{"table", "id", "outcome", "reason"})
}

// open begins a table of so many rows.
func (l *Ledger) open(table string, rows int64) {
	l.tables = append(l.tables, table)
	l.rows[table], l.sums[table] = rows, new([4]int64)
}

// add accounts for n rows of a table that need no reason.
func (l *Ledger) add(table string, outcome Outcome, n int) { l.sums[table][outcome] += int64(n) }

// tell accounts for one row, with its reasons. Rows that are there already have none.
func (l *Ledger) tell(table string, id int64, outcome Outcome, texts ...string) error {
	l.add(table, outcome, 1)
	if outcome == Present {
		return nil
	}
	for _, text := range texts {
		l.count(table, outcome, text, 1)
		if l.csv == nil {
			continue
		}
		if err := l.csv.Write([]string{table, strconv.FormatInt(id, 10), outcomes[outcome], text}); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return nil
}

// leaveTable accounts for a whole table that is not taken.
func (l *Ledger) leaveTable(table string, rows int64, text string) error {
	l.open(table, rows)
	l.sums[table][LeftOut] = rows
	l.count(table, LeftOut, text, rows)
	if l.csv == nil {
		return nil
	}
	return l.csv.Write([]string{table, "all", outcomes[LeftOut], text})
}

func (l *Ledger) count(table string, outcome Outcome, text string, n int64) {
	r := reason{table, outcome, text}
	if len(l.order) >= maxReasons && l.reasons[r] == 0 {
		r.text = "for other reasons, which the report names row by row"
	}
	if l.reasons[r] == 0 {
		l.order = append(l.order, r)
	}
	l.reasons[r] += n
}

// check holds the sums against the source's counts.
func (l *Ledger) check() error {
	var faults []error
	for _, table := range l.tables {
		var sum int64
		for _, n := range l.sums[table] {
			sum += n
		}
		if sum != l.rows[table] {
			faults = append(faults, fmt.Errorf("%s has %d rows, but %d are accounted for; nothing was imported", table, l.rows[table], sum))
		}
	}
	if l.csv != nil {
		l.csv.Flush()
		faults = append(faults, l.csv.Error())
	}
	return errors.Join(faults...)
}

// Print writes the sums of each table and how often each reason stands.
func (l *Ledger) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "table\trows\t%s\t\n", strings.Join(outcomes, "\t"))
	for _, table := range l.tables {
		fmt.Fprintf(w, "%s\t%d\t", table, l.rows[table])
		for _, n := range l.sums[table] {
			fmt.Fprintf(w, "%d\t", n)
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print the ledger: %w", err)
	}
	for _, table := range l.tables {
		for _, r := range l.order {
			if r.table == table {
				fmt.Fprintf(out, "%s: %d %s: %s\n", table, l.reasons[r], outcomes[r.outcome], r.text)
			}
		}
	}
	return nil
}
