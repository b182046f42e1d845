package staff

import (
	"context"

	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Import is the page that asks for a file.
type Import struct {
	Frame          layout.Frame
	URL, CancelURL string
	Errors         []string // what is wrong with the file
	Text           string   // that was pasted
	Columns        []string // that a file may hold
	Key            string   // by which rows are known; empty: by their id alone
	Children       bool     // rows have others below them, which no file brings
}

// ImportColumns is the page that asks what the columns of a file are.
type ImportColumns struct {
	Frame          layout.Frame
	URL, CancelURL string
	Errors         []string
	Rows           int
	Columns        []ImportColumn
}

// ImportColumn is a column of a file, with its first cells.
type ImportColumn struct {
	Header  string
	Field   ui.Field
	Samples []string
}

// ImportPreview is what a file would do.
type ImportPreview struct {
	Frame                              layout.Frame
	URL, BackURL, CancelURL            string
	Columns                            []string // as they were chosen
	Rows, Tried                        int
	Added, Changed, Unchanged, Refused int
	New, Different, Bad                []ImportedRow // the first ones of each
}

// ImportedRow is a row of a file and what becomes of it.
type ImportedRow struct {
	Line    int
	Text    string
	Changes []adminpages.Change
	Why     []string // it is refused
}

// importTiles are the rows by what becomes of them, each counted once; left is how many
// are still to come.
func importTiles(ctx context.Context, added, changed, unchanged, refused, left int) []Tile {
	tiles := []Tile{
		{Label: i18n.T(ctx, "New"), Value: i18n.Number(ctx, added)},
		{Label: i18n.T(ctx, "Changed"), Value: i18n.Number(ctx, changed)},
		{Label: i18n.T(ctx, "Unchanged"), Value: i18n.Number(ctx, unchanged)},
		{Label: i18n.T(ctx, "Refused"), Value: i18n.Number(ctx, refused), Alarm: refused > 0},
	}
	if left > 0 {
		tiles = append(tiles, Tile{Label: i18n.T(ctx, "Not reached"), Value: i18n.Number(ctx, left)})
	}
	return tiles
}
