// Package adminpages draws what the back-office engine computes: list, detail and
// confirmation. It takes view models only; the engine fills them in, already in
// the reader's language where they hold text for people.
package adminpages

import (
	"time"

	"digitalpath/models"
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Count is a number of rows; Capped means "at least N", for tables too large to
// count while somebody waits.
type Count struct {
	N      int
	Capped bool
}

// Badge shows an enumerated value.
type Badge = ui.Badge

// CellKind says how a cell's value is drawn.
type CellKind int

const (
	CellText    CellKind = iota // Text, one line, cut with an ellipsis in lists
	CellLong                    // Text with its line breaks
	CellEmail                   // Text as a mailto link on detail pages
	CellNumber                  // Text, right-aligned tabular figures
	CellBadge                   // Badge
	CellTime                    // Time: relative, exact UTC on hover
	CellBool                    // Bool
	CellBar                     // Text from 0 to 100
	CellDate                    // Text, the day; Time
	CellURL                     // Text as a link on detail pages
	CellList                    // Text, the elements with commas between
	CellChanges                 // Changes
	CellEmpty                   // a dash
)

// Cell is one value of a row or of a detail page.
type Cell struct {
	Kind  CellKind
	Text  string
	Badge Badge
	Time  time.Time
	Bool  bool

	Changes []Change
}

// Link is a choice that is a URL: a filter's value, a date, a page.
type Link struct {
	Label    string
	URL      string
	Selected bool
	Count    *Count // nil: not counted
	Alarm    bool   // the count needs somebody, or what it leads to destroys something: shown in red
}

// Filter is one filter of a list; Title is empty for the segmented control.
type Filter struct {
	Name, Title string
	Active      bool   // something other than "All" is chosen
	Chosen      string // label of the chosen value
	ClearURL    string
	Links       []Link
	Range       *Range // nil: none can be typed
}

// Range is a filter's form with two inputs of a Type, and for days how many must be over.
type Range struct {
	Type     string // of the inputs: date, number, or text for From alone, which names a row
	From, To Param
	URL      string
	Older    *Param
	Params   []Param // what the form carries on
}

// Column is one column head.
type Column struct {
	Name, Label string
	SortURL     string // empty: not sortable
	Sort        string // "ascending", "descending" or "": as aria-sort
	Rank        int    // among several columns that the list is sorted by; 0: there are not several
	UnsortURL   string // sorts by the others alone
	Phone       bool   // shown under 640 px as well
}

// Views are the saved views of a list: their tabs, and the form that saves another.
type Views struct {
	Tabs     []Link // the first is the list as it is declared; none: no view is saved
	URL      string // that another one is posted to
	Params   []Param
	MayShare bool
	Current  *View // nil without tabs
}

// View is the view that is open; without a name the list as it is declared.
type View struct {
	Name, URL   string
	Mine        bool
	Shared      bool
	First       bool // one's own list opens with it
	FirstForAll bool
	Changed     bool   // the list is not as the view says
	Gone        string // what it asked for and is not there any more
}

// Chooser lets people choose columns and their order. The first one always stays.
type Chooser struct {
	Columns  []ChooserColumn
	Params   []Param // what the form carries on
	Chosen   bool    // they are not the declared ones
	ResetURL string
}

// ChooserColumn is a column that can be shown. Place is where it is, from 1; 0: it is not.
type ChooserColumn struct {
	Name, Label string
	Place       int
}

// Row is one object of a list.
type Row struct {
	ID      string
	URL     string
	Excerpt string    // second line of the first cell on phones
	At      time.Time // the model's date, where the list shows it: before the excerpt
	Cells   []Cell    // as many as List.Columns
}

// Action is a button over selected rows or on one object.
type Action struct {
	Name, Label string
	Primary     bool
	Danger      bool
	Key         string // a single key that does it; empty: none
}

// Param is one name and value of the URL that a form must carry on.
type Param struct{ Name, Value string }

// List is the list page of one model.
type List struct {
	Frame        layout.Frame
	Title        string
	URL          string // of the list without its query
	Self         string // of the list with its query
	AddURL       string // empty: nothing can be added
	Total        Count
	Search       string
	SearchLabel  string  // "Search name, e-mail, message"
	Params       []Param // what the search form carries on: all but q and the page
	Place        []Param // the page, for forms that come back to it
	Segments     *Filter // the first filter on a choice, drawn as a segmented control
	Filters      []Filter
	Dates        []Link // date drill-down: the way up, then the choices below
	DatesTitle   string // e.g. "Received"
	Filtered     bool
	ClearURL     string
	Pages        []Link // coded pages of the model
	ExportURL    string // the page that asks how to export the same rows
	Columns      []Column
	Rows         []Row
	Actions      []Action
	NewsURL      string // asked now and then for rows that came since; empty: the page shows no newest ones
	BadgesURL    string // polled every 2 s while a row on the page is live; else empty
	From, To     int    // range of the rows shown; 0, 0 when empty
	Newer, Older string // URLs; empty at the ends
	ByDate       bool   // the newest first: other orders have a next page, not an older one
	First, Last  string
	Views        *Views
	Chooser      *Chooser // nil: there is one column
	Sizes        []Link   // how many rows a page has
	Notices      []string // what was asked for and left out
	Wider        *Link    // the empty list without its default filters, where that has rows
	Empty        string   // sentence for the empty list
	EmptyHint    string   // and the next step
}

// Event is one entry of a timeline.
type Event struct {
	Title string
	Tone  models.Tone
	At    time.Time // past or future; zero: unknown
	Text  string
	Code  string // words of another machine, set in monospace

	Then   string // what became of it, and when; empty: nothing
	ThenAt time.Time
}

// Timeline is a side panel of events in order.
type Timeline struct {
	Title  string
	Events []Event
	Empty  string // said where there are none
	More   string // said below them; empty: these are all
	URL    string // of the page that tells more; empty: there is none
}

// TrashedRow is a deleted row.
type TrashedRow struct {
	ID, Label, HistoryURL, By string
	Together                  int       // rows of the trash that one act deleted, this one included
	UndoURL                   string    // restores them all
	At, Until                 time.Time // when it was deleted, and when it goes for good
}

// Trash is what was deleted of a model and can be restored.
type Trash struct {
	Frame        layout.Frame
	Title, URL   string
	Days         int // how long deleted rows stay
	Purge        bool
	Rows         []TrashedRow
	First, Older string // URLs; empty: there is no such page
}
