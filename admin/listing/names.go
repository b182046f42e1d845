package listing

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/views/adminpages"
)

// Names are the words of values that say nothing by themselves: what the rows are called
// that references lead to, and the labels of choices. All that is wanted is found at once.
type Names struct {
	db     *bun.DB
	table  func(slug string) *Table
	wanted map[string][]int64 // by slug
	rows   map[string]map[int64]string
	found  map[string][]any // the rows themselves
	labels map[*kinds.Column][]models.Choice
	past   bool // of rows that may be gone, too
}

// NewNames are none yet; table has the rows of a slug that references lead to.
func NewNames(db *bun.DB, table func(slug string) *Table) *Names {
	return &Names{db, table, map[string][]int64{}, map[string]map[int64]string{}, map[string][]any{}, map[*kinds.Column][]models.Choice{}, false}
}

// WantAll is Want for the columns of rows; the choices in known need not be asked for.
func (n *Names) WantAll(columns []*kinds.Column, rows []any, known map[*kinds.Column][]models.Choice) {
	for _, c := range columns {
		n.labels[c] = known[c]
		for _, row := range rows {
			if c.Ref != "" {
				n.Want(c, c.Text(row))
			}
		}
	}
}

// Want notes that the words for a column's texts are needed.
func (n *Names) Want(c *kinds.Column, texts ...string) {
	if _, noted := n.labels[c]; !noted {
		n.labels[c] = nil
	}
	for _, text := range texts {
		if id, ok := refID(c, text); ok {
			n.wanted[c.Ref] = append(n.wanted[c.Ref], id)
		}
	}
}

// WantPast is Want for what the history kept: rows that are gone are called what they were
// called last.
func (n *Names) WantPast(c *kinds.Column, texts ...string) {
	n.past = true
	n.Want(c, texts...)
}

// refID is the id of the row that a control's text leads to.
func refID(c *kinds.Column, text string) (int64, bool) {
	number, marked := strings.CutPrefix(text, kinds.RefMark)
	if !marked || c.Ref == "" {
		return 0, false
	}
	return kinds.ParseID(number)
}

// Find asks for all that is wanted.
func (n *Names) Find(ctx context.Context) (err error) {
	for c, choices := range n.labels {
		if c.Listed && choices == nil {
			if n.labels[c], err = c.Known(ctx); err != nil {
				return err
			}
		}
	}
	for slug, ids := range n.wanted {
		table := n.table(slug)
		rows, err := table.ByID(ctx, n.db, ids)
		if err != nil {
			return fmt.Errorf("name rows of %s: %w", slug, err)
		}
		n.rows[slug], n.found[slug] = map[int64]string{}, rows
		for _, row := range rows {
			n.rows[slug][table.ID(row)] = table.Called().Text(row)
		}
	}
	if !n.past {
		return nil
	}
	if err := n.TellApart(ctx); err != nil {
		return err
	}
	return n.findGone(ctx)
}

// findGone calls rows that are there no more what the history last called them.
func (n *Names) findGone(ctx context.Context) error {
	for slug, ids := range n.wanted {
		var gone []int64
		for _, id := range ids {
			if _, there := n.rows[slug][id]; !there {
				gone = append(gone, id)
			}
		}
		if len(gone) == 0 {
			continue
		}
		var entries []models.HistoryEntry
		if err := n.db.NewSelect().Model(&entries).Column("object_id", "object_label").Where("model = ?", slug).Where("object_id IN (?)", bun.List(gone)).
			Where("action = ?", models.HistoryDeleted).OrderExpr("id").Scan(ctx); err != nil {
			return fmt.Errorf("name rows of %s that are gone: %w", slug, err)
		}
		for _, entry := range entries {
			n.rows[slug][entry.ObjectID] = entry.ObjectLabel
		}
	}
	return nil
}

// TellApart calls the rows what a control takes back.
func (n *Names) TellApart(ctx context.Context) error {
	for slug, rows := range n.found {
		labels, err := n.table(slug).Labels(ctx, n.db, rows)
		if err != nil {
			return err
		}
		for id, label := range labels {
			n.rows[slug][id] = label
		}
	}
	return nil
}

// Named is what the row is called that a control's text leads to.
func (n *Names) Named(c *kinds.Column, text string) string {
	if id, ok := refID(c, text); ok && n.rows[c.Ref][id] != "" {
		return n.rows[c.Ref][id]
	}
	return text
}

// Told is what people read for a control's text.
func (n *Names) Told(ctx context.Context, c *kinds.Column, text string) string {
	if text == "" {
		return ""
	}
	return c.Kind.Words(ctx, c, kinds.Page{Options: n.labels[c], Named: func(text string) string { return n.Named(c, text) }}, text)
}

// Words are Told of a row's value, and what leads back to it.
func (n *Names) Words(ctx context.Context, c *kinds.Column, row any) string {
	text := c.Text(row)
	words := n.Told(ctx, c, text)
	if _, isID := kinds.ParseID(words); c.Ref != "" && isID {
		return words + " " + text // else it would be taken for an id
	}
	return words
}

// Put puts the words for a value into its cell.
func (n *Names) Put(ctx context.Context, c *kinds.Column, row any, cell adminpages.Cell) adminpages.Cell {
	if cell.Kind == adminpages.CellText && (c.Ref != "" || c.Listed) {
		cell.Text = n.Told(ctx, c, c.Text(row))
	}
	return cell
}
