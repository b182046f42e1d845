package projects

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

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
	user, err := findUser(ctx, s.DB, in)
	if err != nil {
		user = new(models.User) // said after what the actor may
	}
	return s.changeMembers(ctx, id, user.ID, projectAccess.adds, func(project *models.Project) error {
		if err != nil {
			return err
		}
		if memberOf(project.Members, user.ID) != nil {
			return problem.New(problem.Conflict, "conflict", "This user is a member already.")
		}
		return giveRole(project, models.ProjectMember{UserID: user.ID, User: user}, in.Role)
	})
}

// SetRole changes what a member may do. A new owner takes the place of the old one,
// who becomes an editor.
func (s *Service) SetRole(ctx context.Context, id, user int64, role models.ProjectRole) (*models.ProjectMember, error) {
	return s.changeMembers(ctx, id, user, projectAccess.manages, func(project *models.Project) error {
		member := memberOf(project.Members, user)
		if member == nil {
			return problem.ErrNotFound()
		}
		if member.Role == models.RoleOwner && role != models.RoleOwner {
			return ownerless()
		}
		return giveRole(project, *member, role)
	})
}

// RemoveMember ends a user's part in a project; anybody may end their own.
func (s *Service) RemoveMember(ctx context.Context, id, user int64) error {
	may := func(a projectAccess, role models.ProjectRole) bool {
		return a.manages(role) || role != "" && a.user == user
	}
	_, err := s.changeMembers(ctx, id, user, may, func(project *models.Project) error {
		member := memberOf(project.Members, user)
		if member == nil {
			return problem.ErrNotFound()
		}
		if member.Role == models.RoleOwner {
			return ownerless()
		}
		project.Members = slices.DeleteFunc(project.Members, func(m models.ProjectMember) bool { return m.UserID == user })
		return nil
	})
	return err
}

func ownerless() error {
	return problem.New(problem.Conflict, "last_owner", "A project keeps its owner: make another member the owner first.")
}

// changeMembers stores what change makes of a project's members, where may allows it to
// the actor's role, and returns what user's membership is then.
func (s *Service) changeMembers(ctx context.Context, id, user int64, may func(projectAccess, models.ProjectRole) bool, change func(*models.Project) error) (*models.ProjectMember, error) {
	rows := s.Rows()
	rows.May = func(ctx context.Context, _ bun.Tx, _ models.Verb, project *models.Project) error {
		if !may(s.access(ctx), project.Role) {
			return problem.New(problem.Forbidden, "forbidden", "You may not make this change to the members.")
		}
		return nil
	}
	project, err := rows.Change(ctx, id, change)
	if err != nil {
		return nil, err
	}
	return memberOf(project.Members, user), nil
}

// giveRole gives a member, old or new, a role, and takes the ownership from whoever had
// it where it passes on.
func giveRole(project *models.Project, member models.ProjectMember, role models.ProjectRole) error {
	member.Role = role
	if err := models.Validate(&member); err != nil {
		return err
	}
	if role == models.RoleOwner {
		for i := range project.Members {
			if project.Members[i].Role == models.RoleOwner {
				project.Members[i].Role = models.RoleEditor
			}
		}
	}
	if known := memberOf(project.Members, member.UserID); known != nil {
		known.Role = role
	} else {
		project.Members = append(project.Members, member)
	}
	return nil
}

func memberOf(members []models.ProjectMember, user int64) *models.ProjectMember {
	for i := range members {
		if members[i].UserID == user {
			return &members[i]
		}
	}
	return nil
}

func membersOf(ctx context.Context, db bun.IDB, projects ...int64) ([]models.ProjectMember, error) {
	members, args := []models.ProjectMember{}, new(models.Args)
	err := db.NewSelect().Model(&members).Relation("User").Where("project_member.project_id IN (?)", args.Among(projects)).
		OrderExpr("CASE project_member.role WHEN ? THEN 0 WHEN ? THEN 1 ELSE 2 END, project_member.id", models.RoleOwner, models.RoleEditor).Scan(args.In(ctx))
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
