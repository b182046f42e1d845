package projects

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// In the back office a project is one form: with its lists come its members, and all of
// it is saved together or not at all.

// Open reads a project for the form.
func (s *Service) Open(ctx context.Context, id int64) (*models.Project, error) {
	project, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	project.Members, err = membersOf(ctx, s.DB, id)
	return project, err
}

// Save stores what edit makes of a project with its members, or of a new one where id
// is 0. A new one that names no owner is the actor's.
func (s *Service) Save(ctx context.Context, id int64, edit func(*models.Project) error) (*models.Project, error) {
	var project *models.Project
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		before, action := (*models.Project)(nil), models.HistoryAdded
		var members []models.ProjectMember
		project = models.NewProject()
		if id != 0 {
			if before, err = s.lockOne(ctx, tx, id); err != nil {
				return err
			}
			if members, err = membersOf(ctx, tx, id); err != nil {
				return err
			}
			project, action = copyOf(before), models.HistoryChanged
			project.Members = append([]models.ProjectMember{}, members...)
		}
		if err := edit(project); err != nil {
			return err
		}
		changes, err := s.saveWhole(ctx, tx, before, project, members)
		if err != nil || len(changes) == 0 {
			return err
		}
		return s.record(ctx, tx, project, action, changes)
	})
	return project, err
}

func (s *Service) lockOne(ctx context.Context, tx bun.Tx, id int64) (*models.Project, error) {
	found, err := s.lock(ctx, tx, models.Change, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, problem.ErrNotFound()
	}
	return found[0], nil
}

// saveWhole stores a project and its members, and finds the faults of both together.
func (s *Service) saveWhole(ctx context.Context, tx bun.Tx, before, project *models.Project, members []models.ProjectMember) ([]models.FieldChange, error) {
	actor := models.ActorOf(ctx)
	if before == nil && actor.User != nil && memberOf(project.Members, actor.User.ID) == nil && !hasOwner(project.Members) {
		project.Members = append(project.Members, models.ProjectMember{UserID: actor.User.ID, Role: models.RoleOwner})
	}
	fields := problem.Fields{}
	if err := nameMembers(ctx, tx, fields, project.Members); err != nil {
		return nil, err
	}
	checkMembers(fields, members, project.Members)
	changes, err := s.save(ctx, tx, before, project)
	if p, ok := problem.As(err); ok && p.Fields != nil {
		for name, texts := range p.Fields {
			fields[name] = texts
		}
	} else if err != nil {
		return nil, err
	}
	if len(fields) > 0 {
		return nil, fields.Problem()
	}
	more, err := saveMembers(ctx, tx, project.ID, members, project.Members)
	return append(changes, more...), err
}

func hasOwner(members []models.ProjectMember) bool {
	for _, member := range members {
		if member.Role == models.RoleOwner {
			return true
		}
	}
	return false
}

// nameMembers puts to each member who it is; a new one must have an active account.
func nameMembers(ctx context.Context, tx bun.Tx, fields problem.Fields, members []models.ProjectMember) error {
	for i := range members {
		member := &members[i]
		if member.User != nil && member.User.ID == member.UserID {
			continue
		}
		place := fmt.Sprintf("members.%d.user_id", i)
		if member.UserID == 0 {
			fields.Add(place, "This field is required.")
			continue
		}
		user, err := findUser(ctx, tx, MemberInput{UserID: member.UserID})
		if p, ok := problem.As(err); ok {
			fields[place] = append(fields[place], p.Message)
			continue
		}
		if err != nil {
			return err
		}
		member.User = user
	}
	return nil
}

// checkMembers holds the members against each other: everybody once, one owner, and
// a project that has an owner keeps one.
func checkMembers(fields problem.Fields, before, after []models.ProjectMember) {
	seen, owners := map[int64]bool{}, 0
	for i, member := range after {
		if seen[member.UserID] && member.UserID != 0 {
			fields.Add(fmt.Sprintf("members.%d.user_id", i), "This user is a member already.")
		}
		seen[member.UserID] = true
		if member.Role != models.RoleOwner {
			continue
		}
		if owners++; owners > 1 {
			fields.Add(fmt.Sprintf("members.%d.role", i), "A project has one owner.")
		}
	}
	if owners == 0 && hasOwner(before) {
		fields.Add("members", "A project keeps its owner: make another member the owner first.")
	}
}

// saveMembers makes the stored members those of after, whoever left first, so that
// the owner can pass on.
func saveMembers(ctx context.Context, tx bun.Tx, project int64, before, after []models.ProjectMember) ([]models.FieldChange, error) {
	var changes []models.FieldChange
	for i := range before {
		old := &before[i]
		now := memberOf(after, old.UserID)
		if now != nil && now.Role == old.Role {
			continue
		}
		if _, err := tx.NewDelete().Model(old).WherePK().Exec(ctx); err != nil {
			return nil, fmt.Errorf("remove member of project: %w", err)
		}
		if now == nil {
			changes = append(changes, roleChange(old, old.Role, ""))
		}
	}
	for i := range after {
		member, was := &after[i], models.ProjectRole("")
		if old := memberOf(before, member.UserID); old != nil {
			was = old.Role
		}
		if member.Role == was {
			continue
		}
		member.ID, member.ProjectID = 0, project
		if _, err := tx.NewInsert().Model(member).Exec(ctx); err != nil {
			return nil, fmt.Errorf("add member to project: %w", err)
		}
		changes = append(changes, roleChange(member, was, member.Role))
	}
	return changes, nil
}

// Related counts what goes with deleted projects.
func (s *Service) Related(ctx context.Context, ids []int64) (items, members int, err error) {
	for _, model := range []any{(*models.DataSource)(nil), (*models.Report)(nil), (*models.Analytic)(nil), (*models.AIIntegration)(nil)} {
		n, err := s.DB.NewSelect().Model(model).Where("project_id IN (?)", bun.List(ids)).Count(ctx)
		if err != nil {
			return 0, 0, fmt.Errorf("count what belongs to projects: %w", err)
		}
		items += int(n)
	}
	n, err := s.DB.NewSelect().Model((*models.ProjectMember)(nil)).Where("project_id IN (?)", bun.List(ids)).Count(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("count members of projects: %w", err)
	}
	return items, int(n), nil
}
