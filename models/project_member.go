package models

import "github.com/uptrace/bun"

// ProjectRole is what a member may do with a project; services/projects/access.go
// says what that is.
type ProjectRole string

const (
	RoleOwner  ProjectRole = "owner"
	RoleEditor ProjectRole = "editor"
	RoleViewer ProjectRole = "viewer"
)

// Choices are the roles, the mightiest first.
func (ProjectRole) Choices() []Choice {
	return []Choice{
		{Value: string(RoleOwner), Label: "Owner", Tone: TonePositive},
		{Value: string(RoleEditor), Label: "Editor", Tone: ToneNeutral},
		{Value: string(RoleViewer), Label: "Viewer", Tone: ToneNeutral},
	}
}

// ProjectMember is a user's part in a project. A project has at most one owner.
type ProjectMember struct {
	bun.BaseModel `bun:"table:project_members,alias:project_member"`

	ID        int64       `bun:"id,pk,autoincrement"`
	ProjectID int64       `bun:"project_id"`
	UserID    int64       `bun:"user_id" validate:"required"`
	Role      ProjectRole `bun:"role,type:varchar(20)" validate:"choice"`
	User      *User       `bun:"rel:belongs-to,join:user_id=id" validate:"-" json:"-"`
}
