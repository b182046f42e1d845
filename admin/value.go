package admin

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/views/adminpages"
)

// excerptLength is how much of a text a list carries; the column is narrower.
const excerptLength = 160

// cell is a row's value in a column, ready to draw. Only the status badge of a list has
// an id and the row's note: it is the one that updates itself.
func (r *resource) cell(ctx context.Context, c *column, row any, badge Badge) adminpages.Cell {
	cell := c.Cell(ctx, row)
	if cell.Kind == adminpages.CellChanges {
		r.showChanges(ctx, &cell, row.(*models.HistoryEntry))
	}
	if cell.Kind == adminpages.CellBadge && r.status != nil && c.name == r.status.name {
		cell.Badge.ID = fmt.Sprintf("badge-%s-%d", r.slug, r.id(row))
		cell.Badge.Note, cell.Badge.Live = badge.Note, badge.Live
	}
	return cell
}

// badgesOf asks the model about rows; without an answer of its own a row is live
// while its choice is.
func (r *resource) badgesOf(ctx context.Context, rows []any) (map[int64]Badge, error) {
	if r.badges != nil && len(rows) > 0 {
		badges, err := r.badges(ctx, rows)
		if err != nil {
			return nil, fmt.Errorf("badges of %s: %w", r.slug, err)
		}
		return badges, nil
	}
	badges := map[int64]Badge{}
	for _, row := range rows {
		if r.status != nil {
			value := r.status.Text(row)
			for _, c := range r.status.Choices {
				if c.Value == value && c.Live {
					badges[r.id(row)] = Badge{Live: true}
				}
			}
		}
	}
	return badges, nil
}

// listRow is one row of a list.
func (r *resource) listRow(ctx context.Context, row any, badge Badge, names *names) adminpages.Row {
	id := strconv.FormatInt(r.id(row), 10)
	shown := adminpages.Row{ID: id, URL: r.url(id)}
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

// oneLine is the beginning of a text, without line breaks.
func oneLine(s string) string {
	if len(s) > 8*excerptLength {
		s = strings.ToValidUTF8(s[:8*excerptLength], "")
	}
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > excerptLength {
		return string(runes[:excerptLength]) + "…"
	}
	return string(runes)
}
