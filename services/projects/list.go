package projects

import (
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
	Page, PageSize              int                    // Page 0: all, up to ListCap
}

// List is a list or one page of it.
type List struct {
	Rows  []models.Project // without what belongs to them
	Count int              // on all pages; of a list without pages that of Rows
	More  bool             // rows follow that are not here
}

// List reads the projects that the actor may see, newest first, in one query. A page
// that is not there is problem.NotFound.
func (s *Service) List(ctx context.Context, filter Filter) (*List, error) {
	list := new(List)
	query := s.access(ctx).visible(s.DB.NewSelect().Model(&list.Rows)).
		ExcludeColumn("digitalpath_responsible", "client_responsible", "budget", "implementation_time", "last_update", "full_scope", "updated_at")
	if err := filter.apply(query); err != nil {
		return nil, err
	}
	size := ListCap
	if filter.Page != 0 {
		size = filter.PageSize
		query.ColumnExpr("count(*) OVER () AS matches").Offset(int64((filter.Page - 1) * size))
	}
	// One row more than wanted tells whether more follow.
	if err := query.Limit(int64(size + 1)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
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

// apply narrows and orders a query of projects.
func (f Filter) apply(query *bun.SelectQuery) error {
	fields := problem.Fields{}
	for _, status := range f.Statuses {
		if !slices.ContainsFunc(status.Choices(), func(c models.Choice) bool { return c.Value == string(status) }) {
			fields.Add("status", "There is no status %q.", string(status))
		}
	}
	if len(f.Statuses) > 0 {
		query.Where("project.status IN (?)", bun.List(f.Statuses))
	}
	if f.ClientCompany != "" {
		query.Where("project.client_company = ?", f.ClientCompany)
	}
	if !f.CreatedAfter.IsZero() {
		query.Where("project.created_at >= ?", f.CreatedAfter)
	}
	if !f.CreatedBefore.IsZero() {
		query.Where("project.created_at <= ?", f.CreatedBefore)
	}
	searchProjects(query, f.Search)
	f.order(query, fields)
	if len(fields) > 0 {
		return fields.Problem()
	}
	return nil
}

func (f Filter) order(query *bun.SelectQuery, fields problem.Fields) {
	ordering := f.Ordering
	if ordering == "" {
		ordering = "-created_at"
	}
	direction := "ASC"
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
	}
	query.OrderExpr("project.id ?", bun.Safe(direction))
}

// searchProjects asks for every word of a search.
func searchProjects(query *bun.SelectQuery, search string) {
	for _, word := range models.SearchWords(search) {
		if phrase, ok := models.TrigramPhrase(word); ok && !models.IsPostgres(query.DB()) {
			query.Where("project.id IN (SELECT rowid FROM projects_search WHERE projects_search MATCH ?)", phrase)
			continue
		}
		condition, args := models.Contains(word, "project.name", "project.description", "project.client_company")
		query.Where(condition, args...)
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
	query := s.DB.NewSelect().Model((*models.Project)(nil)).GroupExpr("project.status").
		ColumnExpr("project.status, count(*) AS number, sum(project.progress) AS progress")
	if err := s.access(ctx).visible(query).Scan(ctx, &counts); err != nil {
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
