package projects

import (
	"context"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// projectAccess is who may do what with which project: the one place that says so.
// A member of staff may what the rights say, wherever; everybody else sees the
// projects that they are a member of, an editor changes them, and the owner also
// deletes them and manages the members that staff have added. Whoever creates a project is its owner.
type projectAccess struct {
	user    int64         // 0: nobody
	staff   models.Rights // none for who is not staff
	openAll bool          // everybody who is signed in sees all
}

func (s *Service) access(ctx context.Context) projectAccess {
	actor := models.ActorOf(ctx)
	access := projectAccess{user: actor.UserID(), openAll: s.OpenToAll && actor.User != nil}
	if actor.User != nil && actor.User.IsStaff {
		access.staff = actor.Rights
	}
	return access
}

// seesAll tells whether all projects may be seen.
func (a projectAccess) seesAll() bool {
	return a.openAll || a.staff.May(models.View, models.ProjectsSlug)
}

// visible narrows a query of projects to those that may be seen, and joins the
// actor's own membership as mine.
func (a projectAccess) visible(query *bun.SelectQuery, args *models.Args) *bun.SelectQuery {
	join := "JOIN"
	if a.seesAll() {
		join = "LEFT JOIN"
	}
	return query.Join(join+" project_members AS mine ON mine.project_id = project.id AND mine.user_id = ?", args.Of(a.user))
}

// may tells what may be done with a project that may be seen.
func (a projectAccess) may(verb models.Verb, role models.ProjectRole) bool {
	if a.staff.May(verb, models.ProjectsSlug) || role == models.RoleOwner {
		return true
	}
	return verb == models.Change && role == models.RoleEditor
}

// adds tells whether members may be added to a project.
func (a projectAccess) adds(models.ProjectRole) bool {
	return a.staff.May(models.Change, models.ProjectsSlug)
}

// manages tells whether members of a project may be changed.
func (a projectAccess) manages(role models.ProjectRole) bool {
	return a.staff.May(models.Change, models.ProjectsSlug) || role == models.RoleOwner
}

// meets tells whether members of a project may be seen: they are people,
// so not by those who merely see all projects.
func (a projectAccess) meets(role models.ProjectRole) bool {
	return a.staff.May(models.View, models.ProjectsSlug) || role != ""
}
