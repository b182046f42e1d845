package adminpages

import (
	"time"

	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Form is the page of a row: where it is made or changed, or with Closed only looked at.
type Form struct {
	Frame       layout.Frame
	Title       string
	Badge       *Badge
	URL         string      // the form posts there
	ListURL     string      // where one came from
	Pager       *RowPager   // nil: one came from no list
	Beside      []BesideRow // the list around the row, where there is room for it
	BesideTitle string
	Version     string    // of the row that is shown
	Force       string    // of the row that somebody else saved meanwhile; empty: nobody did
	Closed      bool      // only to look at
	Live        bool      // it fetches itself every 2 s
	Unsaved     bool      // it holds what was typed and nobody saved
	Gone        bool      // the row was deleted meanwhile
	Note        string    // what there is to say of what it holds
	ShownAt     time.Time // of the earlier version that it is filled with; zero: of none
	Sentence    string    // what is wrong with the whole
	Faults      []ui.Field
	Fieldsets   []FormPanel
	Inlines     []FormInline
	Aside       []FormPanel
	Side        []Timeline
	Links       []Link
	Actions     []Action
	DeleteURL   string
	MailTo      string // "Reply by mail" goes there; empty: no such button

	AddAnother, SaveAsNew, Restorable bool
}

// RowPager leads through the list that one came from, row by row.
type RowPager struct {
	List           string // its URL
	Previous, Next string // URLs; empty at the ends
	Number         int    // of this row; 0: not in the list, or too far in it
	Total          Count
}

// BesideRow is a row of the list beside the page of one of them.
type BesideRow struct {
	URL, Title, Excerpt string
	Badge               Badge // without a Value: none
	Here                bool  // its page is shown
}

// FormPanel is one panel of controls. Row is set where they are those of a row of
// another table.
type FormPanel struct {
	Title, ID string
	Collapsed bool
	Fields    []FormField
	Row       *InlineRow
}

// FormField is a control or, with a Cell, what is only shown.
type FormField struct {
	ui.Field
	Wide bool
	Cell *Cell
}

// FormInline is a table of rows that belong to the form's.
type FormInline struct {
	Name, Title string
	Columns     []string
	Rows        []InlineRow // the last one is blank
	Blank       InlineRow   // what the script copies: its index is "new"
	Count       int         // of rows that are not blank
	Ordered     bool
	Errors      []string // of the table as a whole
	Theirs      []string // the rows that somebody else saved meanwhile
}

// InlineRow is one row of a FormInline.
type InlineRow struct {
	Prefix  string // of its controls' names
	ID      string // empty: a new one
	Order   string
	Stored  bool
	Removed bool
	Fields  []ui.Field
	Cells   []Cell // instead of Fields where it is only shown
}

// Change is one field of a change.
type Change struct{ Field, From, To string }

// HistoryEntry is one change of an object.
type HistoryEntry struct {
	At                 time.Time
	Who, From, Channel string
	Badge              Badge
	Summary            string // of the act
	Words              string // what changed, in one line
	RestoreURL         string // of the form filled with the row as it was then; empty: it cannot be
	Changes            []Change
	Object, ObjectURL  string // of the history of an act
	ActURL             string // of all that was done at once; empty: this is all
}

// History is what became of one object, the newest first.
type History struct {
	Frame   layout.Frame
	Title   string
	URL     string // of the object; empty: it is deleted
	Entries []HistoryEntry
	Full    bool   // there may be more
	Older   string // URL of what comes behind; empty: nothing
	UndoURL string // takes all of it back; empty: that cannot be
}

// sides tells whether the form has a column beside the main one.
func (f Form) sides() bool { return len(f.Aside)+len(f.Side) > 0 }
