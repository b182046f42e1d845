package adminpages

import (
	"slices"

	"digitalpath/views/layout"
)

// News are what changed since a list was shown.
type News struct {
	Badges   []Badge
	Tabs     []Link // saved views
	Segments []Link
	Menu     []layout.MenuGroup
	Sentence string // that there are new rows
	ListURL  string // which shows them
	AskURL   string // for more
}

// Live tells whether a badge is about to change.
func (n News) Live() bool { return slices.ContainsFunc(n.Badges, func(b Badge) bool { return b.Live }) }
