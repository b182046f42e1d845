package adminpages

import (
	"time"

	"digitalpath/views/layout"
)

// Found is what a search through all models found, in groups.
type Found struct {
	Frame  layout.Frame
	Search string
	Groups []FoundGroup
}

func (f Found) count() int {
	n := 0
	for _, g := range f.Groups {
		n += len(g.Hits)
	}
	return n
}

// FoundGroup is pages, actions, or the first rows of a model; ListURL leads to all that
// match, where there is such a list.
type FoundGroup struct {
	Title, ListURL string
	Hits           []Hit
}

// Hit is one thing that was found: what it is called and what else tells it apart.
type Hit struct {
	URL, Icon string
	Title     []Piece
	Aside     []Piece
	Badge     *Badge
	At        time.Time // zero: none
}

// Piece is a part of a text; Match: it is what was looked for.
type Piece struct {
	Text  string
	Match bool
}
