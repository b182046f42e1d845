package projects

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

const (
	// ListCap is how many projects a list without pages holds at most.
	ListCap = 1000
)

// Orders are the columns that a list may be ordered by.
var Orders = []string{"name", "status", "progress", "client_company", "due_date", "created_at", "updated_at"}

// Filter says which projects are listed, and in what order. Zero values leave
// it open.
type Filter struct {
	Statuses                    []models.ProjectStatus // any of them
	ClientCompany               string                 // exactly
	Search                      string                 // every word is in name, description or client_company
	CreatedAfter, CreatedBefore time.Time              // both inclusive
	Ordering                    string                 // of Orders, each with - for descending; by comma
	Page, PageSize              int                    // Page 0: the first, uncounted, up to ListCap
}

// List is a list or one page of it.
type List struct {
	Rows  []models.Project // without what belongs to them
	Count int              // on all pages; of a list without pages that of Rows
	More  bool             // rows follow that are not here
	Version
}

// Version is what a list is known again by.
type Version struct {
	All  bool   // of the projects, not of the actor's own
	Text string // the same as long as the list shows the same
}

// SeesAll tells whether the actor's lists are of all projects.
func (s *Service) SeesAll(ctx context.Context) bool { return s.access(ctx).seesAll() }

// VersionOf is a query for the Text of List's Version, without its work: for who asks
// whether anything is new. All is what the asker knows of an earlier list, because
// whether it still holds may be read in the same trip.
func (s *Service) VersionOf(args *models.Args, filter Filter, user int64, all bool) (*bun.SelectQuery, error) {
	rows := s.DB.NewSelect().Model((*models.Project)(nil))
	if _, err := s.narrow(args, projectAccess{user: user, openAll: all}, filter, rows); err != nil {
		return nil, err
	}
	return s.DB.NewSelect().TableExpr("(?) AS listed", rows).ColumnExpr("coalesce(string_agg(version, ','), '')"), nil
}

// List reads the projects that the actor may see, newest first, in one query. A page
// that is not there is problem.NotFound.
func (s *Service) List(ctx context.Context, filter Filter) (*List, error) {
	list, args := new(List), new(models.Args)
	query := s.DB.NewSelect().Model(&list.Rows).
		ExcludeColumn("digitalpath_responsible", "client_responsible", "budget", "implementation_time", "last_update", "full_scope", "updated_at")
	size, err := s.narrow(args, s.access(ctx), filter, query)
	if err != nil {
		return nil, err
	}
	prepared := args.In(ctx)
	if filter.Page > 1 {
		prepared = args.Once(ctx) // bun writes the offset into the text
	}
	if err := query.Scan(prepared); err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
	versions := make([]string, len(list.Rows))
	for i := range list.Rows {
		versions[i] = list.Rows[i].Version
	}
	list.Version = Version{s.SeesAll(ctx), strings.Join(versions, ",")}
	if len(list.Rows) == 0 && filter.Page > 1 {
		return nil, problem.ErrNotFound()
	}
	list.Count = len(list.Rows)
	if filter.Page != 0 && len(list.Rows) > 0 {
		list.Count = list.Rows[0].Matches
	}
	list.More = len(list.Rows) > size
	list.Rows = list.Rows[:min(size, len(list.Rows))]
	return list, nil
}

// narrow makes query one of a filter's rows that may be seen, with their versions, and
// of one row more than the size: it tells whether more follow.
func (s *Service) narrow(args *models.Args, access projectAccess, filter Filter, query *bun.SelectQuery) (size int, err error) {
	access.visible(query, args)
	if err := filter.apply(query, args); err != nil {
		return 0, err
	}
	if filter.Page == 0 {
		size = cmp.Or(filter.PageSize, ListCap)
		query.ColumnExpr("project.id || ' ' || project.updated_at || ' 0' AS version").Limit(int64(size + 1))
		return size, nil
	}
	query.Join("CROSS JOIN (?) AS found", s.count(args, access, filter)).ColumnExpr("found.matches").
		ColumnExpr("project.id || ' ' || project.updated_at || ' ' || found.matches AS version").
		Limit(int64(filter.PageSize + 1)).Offset(int64((filter.Page - 1) * filter.PageSize))
	return filter.PageSize, nil
}

// count is a query for how many projects match a filter. Apart from the rows, it reads an
// index instead of all that is shown of each; where only the status is asked for, counts
// that are kept.
func (s *Service) count(args *models.Args, access projectAccess, filter Filter) *bun.SelectQuery {
	narrowed := filter.ClientCompany != "" || filter.Search != "" || !filter.CreatedAfter.IsZero() || !filter.CreatedBefore.IsZero()
	if narrowed || !access.seesAll() {
		all := access.visible(s.DB.NewSelect().Model((*models.Project)(nil)), args)
		filter.narrow(all, args)
		return all.ColumnExpr("count(*) AS matches")
	}
	kept := s.kept().ColumnExpr("CAST(coalesce(sum(number), 0) AS bigint) AS matches")
	if len(filter.Statuses) > 0 {
		kept.Where("part IN (?)", bun.List(filter.Statuses))
	}
	return kept
}

// kept is a query of the kept counts of projects: by status, with the total of their progress.
func (s *Service) kept() *bun.SelectQuery {
	return s.DB.NewSelect().TableExpr("row_counts").Where("subject = 'projects'")
}

// apply narrows and orders a query of projects.
func (f Filter) apply(query *bun.SelectQuery, args *models.Args) error {
	fields := problem.Fields{}
	for _, status := range f.Statuses {
		if !slices.ContainsFunc(status.Choices(), func(c models.Choice) bool { return c.Value == string(status) }) {
			fields.Add("status", "There is no status %q.", string(status))
		}
	}
	f.narrow(query, args)
	f.order(query, fields)
	if len(fields) > 0 {
		return fields.Problem()
	}
	return nil
}

func (f Filter) narrow(query *bun.SelectQuery, args *models.Args) {
	switch {
	case len(f.Statuses) > 1 && !models.IsPostgres(query.DB()):
		query.Where("+project.status IN (?)", bun.List(f.Statuses)) // by its index SQLite would sort most projects
	case len(f.Statuses) > 0:
		query.Where("project.status IN (?)", bun.List(f.Statuses))
	}
	if f.ClientCompany != "" {
		query.Where("project.client_company = ?", args.Of(f.ClientCompany))
	}
	if !f.CreatedAfter.IsZero() {
		query.Where("project.created_at >= ?", args.Of(f.CreatedAfter))
	}
	if !f.CreatedBefore.IsZero() {
		query.Where("project.created_at <= ?", args.Of(f.CreatedBefore))
	}
	searchProjects(query, args, f.Search)
}

func (f Filter) order(query *bun.SelectQuery, fields problem.Fields) {
	ordering := f.Ordering
	if ordering == "" {
		ordering = "-created_at"
	}
	direction, dated := "ASC", false
	for key := range strings.SplitSeq(ordering, ",") {
		column, descending := strings.CutPrefix(strings.TrimSpace(key), "-")
		if !slices.Contains(Orders, column) {
			fields.Add("ordering", "Order by %s, each with or without a minus in front.", strings.Join(Orders, ", "))
			return
		}
		direction = "ASC"
		if descending {
			direction = "DESC"
		}
		query.OrderExpr("project.? ?", bun.Ident(column), bun.Safe(direction))
		dated = dated || column == "created_at"
	}
	if !dated { // as the indexes go on
		query.OrderExpr("project.created_at ?", bun.Safe(direction))
	}
	query.OrderExpr("project.id ?", bun.Safe(direction))
}

// searchProjects asks for every word of a search.
func searchProjects(query *bun.SelectQuery, args *models.Args, search string) {
	for _, word := range models.SearchWords(search) {
		if phrase, ok := models.TrigramPhrase(word); ok && !models.IsPostgres(query.DB()) {
			query.Where("project.id IN (SELECT rowid FROM projects_search WHERE projects_search MATCH ?)", phrase)
			continue
		}
		condition, patterns := models.Contains(word, "project.name", "project.description", "project.client_company")
		for i, pattern := range patterns {
			patterns[i] = args.Of(pattern)
		}
		query.Where(condition, patterns...)
	}
}

// Summary counts the projects that the actor may see.
type Summary struct {
	Total, Active, Completed, OnHold, Planning int
	AverageProgress                            int // rounded, half to even; 0 without projects
}

// Summary counts projects by status, in one query whatever their number.
func (s *Service) Summary(ctx context.Context) (*Summary, error) {
	var counts []struct {
		Status           models.ProjectStatus
		Number, Progress int
	}
	args, access := new(models.Args), s.access(ctx)
	query := s.kept().ColumnExpr("part AS status, CAST(sum(number) AS bigint) AS number, CAST(sum(total) AS bigint) AS progress").GroupExpr("part")
	if !access.seesAll() {
		query = access.visible(s.DB.NewSelect().Model((*models.Project)(nil)), args).GroupExpr("project.status").
			ColumnExpr("project.status, count(*) AS number, sum(project.progress) AS progress")
	}
	if err := query.Scan(args.In(ctx), &counts); err != nil {
		return nil, fmt.Errorf("sum projects up: %w", err)
	}
	summary, progress := new(Summary), 0
	of := map[models.ProjectStatus]*int{
		models.ProjectActive: &summary.Active, models.ProjectCompleted: &summary.Completed,
		models.ProjectOnHold: &summary.OnHold, models.ProjectPlanning: &summary.Planning,
	}
	for _, count := range counts {
		*of[count.Status] = count.Number
		summary.Total += count.Number
		progress += count.Progress
	}
	if summary.Total > 0 {
		summary.AverageProgress = int(math.RoundToEven(float64(progress) / float64(summary.Total)))
	}
	return summary, nil
}
