package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

// Menu lists the models and pages that who asks may see, in their groups and in the
// reader's language. path is the current one. Models with an alarming choice show how
// many rows have it.
func (s *Site) Menu(ctx context.Context, path string) ([]layout.MenuGroup, error) {
	alarms, err := s.alarms(ctx)
	if err != nil {
		return nil, err
	}
	var groups []layout.MenuGroup
	add := func(group string, item layout.MenuItem) {
		i := slices.IndexFunc(groups, func(g layout.MenuGroup) bool { return g.Title == group })
		if i < 0 {
			i, groups = len(groups), append(groups, layout.MenuGroup{Title: group})
		}
		groups[i].Items = append(groups[i].Items, item)
	}
	addPages := func(grouped bool) {
		for _, p := range s.Pages {
			if grouped == (p.Group != "") && p.open(ctx) {
				add(p.Group, layout.MenuItem{Label: i18n.T(ctx, p.Label), URL: p.URL, Icon: p.Icon, Active: p.at(path)})
			}
		}
	}
	addPages(false)
	for _, r := range s.visible(ctx) {
		add(r.group, layout.MenuItem{
			Label: i18n.T(ctx, r.plural), URL: r.url(), Icon: r.icon,
			Active: strings.HasPrefix(path, r.url()), Count: alarms[r], Alarm: alarms[r] > 0,
		})
	}
	addPages(true)
	for i, g := range groups {
		if g.Title != "" {
			groups[i].Title = i18n.T(ctx, g.Title)
		}
	}
	return groups, nil
}

// visible are the models that who asks may see.
func (s *Site) visible(ctx context.Context) []*resource {
	return slices.DeleteFunc(slices.Clone(s.resources), func(r *resource) bool { return !r.may(ctx, models.View) })
}

// alarms counts the rows that need somebody, up to countCap of each model, in one
// query.
func (s *Site) alarms(ctx context.Context) (map[*resource]int, error) {
	query, counts := s.DB.NewSelect(), map[*resource]*int{}
	var dests []any
	for _, r := range s.visible(ctx) {
		values := r.alarming()
		if len(values) == 0 {
			continue
		}
		q := r.read(ctx, s.Now(), nil)
		where := append(q.conds(time.UTC, nil), cond{r.segments.sql + " IN (?)", []any{bun.List(values)}})
		rows := r.selectFrom(s.DB, source{where: where}).ColumnExpr("1").Limit(countCap + 1)
		query.ColumnExpr("(SELECT count(*) FROM (?) AS counted)", rows)
		counts[r] = new(int)
		dests = append(dests, counts[r])
	}
	if len(dests) == 0 {
		return nil, nil
	}
	if err := query.Scan(ctx, dests...); err != nil {
		return nil, fmt.Errorf("count for the menu: %w", err)
	}
	alarms := map[*resource]int{}
	for r, n := range counts {
		alarms[r] = min(*n, countCap)
	}
	return alarms, nil
}

// alarming are the choices of a model's status with which rows need somebody. What
// was deleted, or has happened otherwise, needs nobody: only what can change does.
func (r *resource) alarming() []string {
	if r.segments == nil || !slices.Contains(r.verbs(), models.Change) {
		return nil
	}
	var values []string
	for _, c := range r.segments.choices {
		if c.Tone == models.ToneNegative {
			values = append(values, c.Value)
		}
	}
	return values
}
