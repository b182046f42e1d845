package admin

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
)

// Model declares the back office of one table, whose primary key is an int64.
// Columns are named as in the database; all texts are English and translated where
// they are shown.
type Model[T any] struct {
	Slug         string // of the URL: /admin/{slug}/
	Name, Plural string // "Contact message", "Contact messages"
	Group, Icon  string // of the menu
	RightsOf     string // slug of the model whose rights it takes; empty: its own

	List    []string // columns; the first one links to the row, short ones can be sorted by
	Filters []string // enumerated, bool and time columns; the first enumerated one is drawn as segments
	// Default narrows the list while the URL says nothing else: a bool filter's
	// column to "0" or "1". The table's indexes should start with these columns.
	Default map[string]string
	Search  []string // text columns: every word must be in one of them
	// Unindexed lets Search walk the table, which stays small. Others have a full-text
	// table for it on SQLite, and trigram indexes on PostgreSQL.
	Unindexed bool
	// Needs is the condition for rows that need somebody, whom the menu counts; nil: those
	// with an alarming choice. An index should find them.
	Needs func(now time.Time) (where string, args []any)
	Dates string // time column, never null: newest first, and the drill-down by year, month and day

	// Choices are the values of text columns that are filters and not enumerated; rows
	// show their labels.
	Choices map[string]func(context.Context) ([]models.Choice, error)
	Bars    []string // number columns of List from 0 to 100, drawn as bars
	Worded  []string // text columns that hold English words of ours, shown in the reader's language

	Fieldsets []Fieldset
	Labels    map[string]string // column → label where "Created at" for created_at won't do
	// Beside shows the list that a row was opened from beside it, where there is room,
	// and goes on with the next row after an act: for lists that are worked through.
	Beside  bool
	Excerpt string // column shown under the first one on phones
	MailTo  string // column with the address that "Reply by mail" writes to
	Hint    string // what to do, or to wait for, while the table is empty

	Title func(*T) string // nil: the first column of List
	// Complete fills in what no table holds, of all rows at once: fields with scanonly,
	// which List and Fieldsets may name, but nothing is sorted or filtered by.
	Complete func(ctx context.Context, rows []*T) error
	// Badge says more about rows than their choices do; rows that the map lacks have
	// nothing to add and are not live. nil: a row is live while its choice is.
	Badge func(context.Context, []*T) (map[int64]Badge, error)
	Side  func(context.Context, *T) ([]adminpages.Timeline, error) // panels beside the fields

	// Rows keeps the table: it makes rows editable, the fieldsets becoming a form, and
	// what is deleted goes into the trash. Trash alone is for rows that are only shown.
	Rows  Rows[T]
	Trash Trash
	// Revert takes back what one act did to rows that neither keeps, as Trash.Revert does.
	Revert Revert

	Links    []Link // pages of the model's own, shown beside the list's title
	RowLinks []Link // pages of one row, their URLs below the row's
	Actions  []Action
	Delete   func(ctx context.Context, ids []int64) (int, error)      // nil: rows stay
	Related  func(ctx context.Context, ids []int64) ([]string, error) // what goes with deleted rows, one line each

	// Save makes rows editable: the fieldsets become a form. It stores what edit makes
	// of the row of that id as it is inside Save's transaction, or with id 0 of a new
	// one, records history, and returns the row. It opens its transaction with
	// models.InTx, as Action.Run does. edit may be called more than once and
	// refuses a row that somebody else changed. Faults come as problem.Fields by
	// column; those of an inline's row as {Inline.Name}.{index}.{column}.
	Save      func(ctx context.Context, id int64, edit func(*T) error) (*T, error)
	New       func() *T                                            // what the form of a new row starts with; nil: zeros
	Load      func(ctx context.Context, ids []int64) ([]*T, error) // those rows that there are, as Save's edit gets them; nil: the table's columns
	NoAdd     bool                                                 // rows are made elsewhere
	SaveAsNew bool                                                 // offer to save a copy
	ReadOnly  []string                                             // columns of the fieldsets that the form only shows
	Locked    func(ctx context.Context, row *T) []string           // further ones, by who asks and for which row
	Inputs    map[string]Input                                     // column → how it is filled in, beyond what its type says
	Inlines   []Inline
	Warnings  func(*T) problem.Fields // what is odd about a row but not refused, by column
	Import    *Import[T]              // nil: rows come from no file
	Key       string                  // text column by which other models' forms name a row, with its id where several have it; empty: the first one of List
}

// erase wraps the hooks, so that they take rows of any type.
func (m *Model[T]) erase(r *resource) {
	r.title = func(row any) string {
		if m.Title != nil {
			return m.Title(row.(*T))
		}
		return kinds.OneLine(r.List[0].Text(row))
	}
	if m.Complete != nil {
		r.Complete = func(ctx context.Context, rows any) error { return m.Complete(ctx, rows.([]*T)) }
	}
	if m.Badge != nil {
		r.badges = func(ctx context.Context, rows []any) (map[int64]Badge, error) {
			typed := make([]*T, len(rows))
			for i, row := range rows {
				typed[i] = row.(*T)
			}
			return m.Badge(ctx, typed)
		}
	}
	if m.Side != nil {
		r.side = func(ctx context.Context, row any) ([]adminpages.Timeline, error) { return m.Side(ctx, row.(*T)) }
	}
}

// Rows keeps the rows of a table: a keeper of services/records, or what adds to one.
type Rows[T any] interface {
	Trash
	LoadAll(ctx context.Context, ids []int64) ([]*T, error)              // as Model.Load
	Save(ctx context.Context, id int64, edit func(*T) error) (*T, error) // as Model.Save
}

// Revert takes back what one act did to those of ids: what it changed, but for protected
// columns, what it added, and what it deleted.
type Revert func(ctx context.Context, act string, ids []int64, protected func(row any) []string) (models.Undone, error)

// Trash is where deleted rows are until they are restored or purged.
type Trash interface {
	// Fits refuses a slug that is not the keeper's, and inlines that it does not keep.
	Fits(slug string, inlines []string) error
	Delete(ctx context.Context, ids []int64) (int, error)
	Related(ctx context.Context, ids []int64) ([]models.Related, error) // what else a deletion changes
	// Refusals are those of the rows that the rules keep from being changed or deleted.
	Refusals(ctx context.Context, verb models.Verb, ids []int64) ([]models.Refusal, error)
	Revert(ctx context.Context, act string, ids []int64, protected func(row any) []string) (models.Undone, error) // as Model.Revert
	Restore(ctx context.Context, trashed []int64) (int, error)                                                    // by the ids of models.TrashedRow
	Purge(ctx context.Context, trashed []int64) (int, error)
}

// Link leads from a model's list, or one of its rows, to a page that is coded, which the
// site mounts. It is shown and open to those who may do Needs; empty: view.
type Link struct {
	Label, URL string
	Needs      models.Verb
	Of         string // slug of the model whose right it takes; empty: its own
	Danger     bool   // of a row: in the menu, where it is not pressed by a slip
	// Leads tells whether the link of a row leads who asks anywhere. Nil: it does.
	Leads     func(ctx context.Context, row any) bool
	Get, Post fiber.Handler // nil: there is no such route, or the site has it anyway
	// Number is what a number that is typed with the label in the palette means there.
	Number *Number
}

// Number is a parameter of a page: the palette offers "Invite the first 50" to who types
// "invite 50".
type Number struct{ Label, Param string }

// Fieldset is one titled panel of columns on the page of a row.
type Fieldset struct {
	Title     string
	Fields    []string
	Collapsed bool
	Aside     bool // in the narrow column beside the others
}

// Badge is what a row's badge says beside its choice.
type Badge struct {
	Note string // in the reader's language
	Live bool   // about to change by itself
}

// Action is something to do with one row or with many. What it does is Set, Form or
// both, or a function of its own. That gets at most actionBatch ids at a time and returns
// how many rows it did something to. It opens its transaction with models.InTx, so that a
// job on many rows can be part of it. What it records in history has Label as its summary,
// and can be undone as far as its entries have Before.
type Action struct {
	Name, Label     string
	Primary, Danger bool
	Stands          map[string]string // column → value of the rows on whose pages a Primary one is no part of the menu; nil: of all
	Key             string            // a single key that does it on the page of a row, and to what is ticked or has the focus in a list
	Needs           models.Verb       // empty: change
	Only            map[string]string // column → value of the rows that it is for; their pages offer it
	Set             Values
	Form            []string // columns that somebody fills in before it runs: they are set, or RunAsked gets them
	Run             func(ctx context.Context, ids []int64) (done int, err error)
	RunAsked        func(ctx context.Context, ids []int64, answer Asked) (done int, err error)
	// Refuses are those of the rows that Run would refuse, beside those that Trash does: the
	// page that asks names them, and leaves them out.
	Refuses func(ctx context.Context, ids []int64) ([]models.Refusal, error)
	// Mails says whom it would mail about the rows whose ids are given, as what stands in
	// "id IN (?)"; those who were reached only where they are asked for. It asks before.
	Mails func(ctx context.Context, ids schema.QueryAppender, alsoSent bool) (models.Mailing, error)
	Done  string // "%d messages will be sent again."
	Final bool   // nothing takes it back: it asks before, and says so
}

// Values are what columns are set to.
type Values map[string]any

// declaration is a Model[T] with T erased, so that a site can hold models of all
// types.
type declaration interface {
	resolve(db *bun.DB) (*resource, error)
}

// Import lets the rows of a file become rows of the model, or change those that are
// there. A file may hold what the form takes; children are not read from one.
type Import[T any] struct {
	Key     string   // text column by which a row is known that has no id; empty: by its id alone
	Columns []string // that a file may hold beside those of the form
	// Names are what files call columns beside their names and labels, in lower case. A
	// cell for several columns, "first_name last_name", is cut at its spaces.
	Names map[string]string
	// Check tidies what a file says of a row, before it is looked for by its key.
	Check func(row *T) problem.Fields
	// Merge is what a row that is there takes over; nil: all that the file has.
	Merge func(stored, row *T)
}

// Input says how a column is filled in where its type doesn't.
type Input struct {
	Help     string
	NewHelp  string // instead of Help while the row is still to be added
	Password bool   // never shown, only set
	Ref      string // slug of the model whose row's id this is; typed as that model's Key
	// Options are what a list of ids may hold, ticked one by one.
	Options func(context.Context) ([]models.Choice, error)
	// Having is the query of the "id" of rows with the option "?", which indexes should
	// serve, that of an option and of a row: lists can be filtered by them then.
	Having string
	// Permissions makes a list of texts the table of what may be done with which model.
	Permissions bool
}
