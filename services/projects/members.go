package projects

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// MemberInput says who becomes a member, by id or by username or e-mail address.
type MemberInput struct {
	UserID int64 // 0: Login says who
	Login  string
	Role   models.ProjectRole
}

// Members lists who has a part in a project, the mightiest first.
func (s *Service) Members(ctx context.Context, id int64) ([]models.ProjectMember, error) {
	project, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !s.access(ctx).meets(project.Role) {
		return nil, problem.New(problem.Forbidden, "forbidden", "Only members see who the members are.")
	}
	return membersOf(ctx, s.DB, id)
}

// ShowsEmail tells whether the actor sees the address of a member: that of others is
// staff's to see.
func (s *Service) ShowsEmail(ctx context.Context, member *models.ProjectMember) bool {
	access := s.access(ctx)
	return member.UserID == access.user || access.staff.May(models.View, models.ProjectsSlug)
}

// Member reads one member of a project.
func (s *Service) Member(ctx context.Context, id, user int64) (*models.ProjectMember, error) {
	members, err := s.Members(ctx, id)
	if err != nil {
		return nil, err
	}
	member := memberOf(members, user)
	if member == nil {
		return nil, problem.ErrNotFound()
	}
	return member, nil
}

// AddMember makes a user with an active account a member. Staff alone may: an owner who
// tried names would learn who has an account.
func (s *Service) AddMember(ctx context.Context, id int64, in MemberInput) (*models.ProjectMember, error) {
	member := &models.ProjectMember{ProjectID: id, Role: in.Role}
	return member, s.changeMembers(ctx, id, projectAccess.adds, func(ctx context.Context, tx bun.Tx, members []models.ProjectMember) ([]models.FieldChange, error) {
		user, err := findUser(ctx, tx, in)
		if err != nil {
			return nil, err
		}
		member.UserID, member.User = user.ID, user
		if memberOf(members, user.ID) != nil {
			return nil, problem.New(problem.Conflict, "conflict", "This user is a member already.")
		}
		return giveRole(ctx, tx, members, member, "")
	})
}

// SetRole changes what a member may do. A new owner takes the place of the old one,
// who becomes an editor.
func (s *Service) SetRole(ctx context.Context, id, user int64, role models.ProjectRole) (*models.ProjectMember, error) {
	var member *models.ProjectMember
	err := s.changeMembers(ctx, id, projectAccess.manages, func(ctx context.Context, tx bun.Tx, members []models.ProjectMember) ([]models.FieldChange, error) {
		if member = memberOf(members, user); member == nil {
			return nil, problem.ErrNotFound()
		}
		was := member.Role
		if was == models.RoleOwner && role != models.RoleOwner {
			return nil, ownerless()
		}
		member.Role = role
		return giveRole(ctx, tx, members, member, was)
	})
	return member, err
}

// RemoveMember ends a user's part in a project; anybody may end their own.
func (s *Service) RemoveMember(ctx context.Context, id, user int64) error {
	may := func(a projectAccess, role models.ProjectRole) bool {
		return a.manages(role) || role != "" && a.user == user
	}
	return s.changeMembers(ctx, id, may, func(ctx context.Context, tx bun.Tx, members []models.ProjectMember) ([]models.FieldChange, error) {
		member := memberOf(members, user)
		if member == nil {
			return nil, problem.ErrNotFound()
		}
		if member.Role == models.RoleOwner {
			return nil, ownerless()
		}
		if _, err := tx.NewDelete().Model(member).WherePK().Exec(ctx); err != nil {
			return nil, fmt.Errorf("remove member of project: %w", err)
		}
		return []models.FieldChange{roleChange(member, member.Role, "")}, nil
	})
}

func ownerless() error {
	return problem.New(problem.Conflict, "last_owner", "A project keeps its owner: make another member the owner first.")
}

// changeMembers lets change work on a project's members while nobody else does, where may
// allows it to the actor's role, and records what it changed.
func (s *Service) changeMembers(ctx context.Context, id int64, may func(projectAccess, models.ProjectRole) bool, change func(context.Context, bun.Tx, []models.ProjectMember) ([]models.FieldChange, error)) error {
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lockProjects(ctx, tx, []int64{id}); err != nil {
			return err
		}
		projects, err := s.load(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(projects) == 0 {
			return problem.ErrNotFound()
		}
		if !may(s.access(ctx), projects[0].Role) {
			return problem.New(problem.Forbidden, "forbidden", "You may not make this change to the members.")
		}
		members, err := membersOf(ctx, tx, id)
		if err != nil {
			return err
		}
		changes, err := change(ctx, tx, members)
		if err != nil || len(changes) == 0 {
			return err
		}
		return s.record(ctx, tx, projects[0], models.HistoryChanged, changes)
	})
}

// giveRole stores a member, new where was is empty, and takes the ownership from
// whoever had it where it passes on.
func giveRole(ctx context.Context, tx bun.Tx, members []models.ProjectMember, member *models.ProjectMember, was models.ProjectRole) ([]models.FieldChange, error) {
	if err := models.Validate(member); err != nil || member.Role == was {
		return nil, err
	}
	changes := []models.FieldChange{roleChange(member, was, member.Role)}
	if member.Role == models.RoleOwner {
		for i := range members {
			old := &members[i]
			if old.UserID == member.UserID || old.Role != models.RoleOwner {
				continue
			}
			old.Role = models.RoleEditor
			if _, err := tx.NewUpdate().Model(old).WherePK().Exec(ctx); err != nil {
				return nil, fmt.Errorf("change old owner of project: %w", err)
			}
			changes = append(changes, roleChange(old, models.RoleOwner, old.Role))
		}
	}
	if was == "" {
		if _, err := tx.NewInsert().Model(member).Exec(ctx); err != nil {
			return nil, fmt.Errorf("add member to project: %w", err)
		}
		return changes, nil
	}
	if _, err := tx.NewUpdate().Model(member).WherePK().Exec(ctx); err != nil {
		return nil, fmt.Errorf("change member of project: %w", err)
	}
	return changes, nil
}

func roleChange(member *models.ProjectMember, from, to models.ProjectRole) models.FieldChange {
	return models.FieldChange{Field: "members." + member.User.Username, From: shown(from), To: shown(to)}
}

func memberOf(members []models.ProjectMember, user int64) *models.ProjectMember {
	for i := range members {
		if members[i].UserID == user {
			return &members[i]
		}
	}
	return nil
}

func membersOf(ctx context.Context, db bun.IDB, project int64) ([]models.ProjectMember, error) {
	members := []models.ProjectMember{}
	err := db.NewSelect().Model(&members).Relation("User").Where("project_member.project_id = ?", project).
		OrderExpr("CASE project_member.role WHEN ? THEN 0 WHEN ? THEN 1 ELSE 2 END, project_member.id", models.RoleOwner, models.RoleEditor).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read members of project: %w", err)
	}
	return members, nil
}

// findUser finds the active account that a person names.
func findUser(ctx context.Context, db bun.IDB, in MemberInput) (*models.User, error) {
	user, err := new(models.User), error(nil)
	if in.UserID != 0 {
		err = db.NewSelect().Model(user).Where("id = ?", in.UserID).Scan(ctx)
	} else {
		user, err = models.UserByLogin(ctx, db, in.Login)
	}
	if errors.Is(err, sql.ErrNoRows) || err == nil && !user.IsActive {
		return nil, problem.Field("user", "Nobody with an active account is called that.")
	}
	if err != nil {
		return nil, fmt.Errorf("find user: %w", err)
	}
	return user, nil
}
