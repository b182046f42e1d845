package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/models"
	"digitalpath/services/projects"
)

// member is somebody's part in a project.
type member struct {
	User memberUser  `json:"user"`
	Role projectRole `json:"role"`
}

type memberUser struct {
	ID       int64  `json:"id" example:"7"`
	Username string `json:"username" example:"ann"`
	Email    string `json:"email,omitempty" example:"ann@example.com" doc:"For staff, and of oneself."`
}

// projectRole is the role with its values in OpenAPI.
type projectRole models.ProjectRole

// Schema is how OpenAPI shows it.
func (projectRole) Schema(huma.Registry) *huma.Schema { return enumerated(models.ProjectRole("")) }

// userReference is a user by id, a JSON number, or by username or e-mail address, a
// string: a username may consist of digits too.
type userReference struct {
	id    int64
	login string
}

// UnmarshalJSON reads either.
func (u *userReference) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &u.id) == nil {
		return nil
	}
	return json.Unmarshal(text, &u.login)
}

// Schema is how OpenAPI shows it.
func (userReference) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		OneOf:       []*huma.Schema{{Type: huma.TypeInteger, Format: "int64"}, {Type: huma.TypeString}},
		Description: "The id, or the username or e-mail address.",
	}
}

type memberBody struct {
	User userReference `json:"user"`
	Role *projectRole  `json:"role,omitempty" doc:"viewer where it is absent." example:"editor"`
}

func (b *memberBody) role() models.ProjectRole {
	if b.Role == nil {
		return models.RoleViewer
	}
	return models.ProjectRole(*b.Role)
}

func (b *memberBody) check() error {
	return models.Validate(&models.ProjectMember{UserID: 1, Role: b.role()})
}

type roleBody struct {
	Role projectRole `json:"role"`
}

// MemberPath is the path of one member; exported as ItemPath is.
type MemberPath struct {
	ID   number `path:"id" doc:"Of the project." example:"1"`
	User number `path:"user" doc:"Of the user." example:"7"`
}

type memberBodyPath struct {
	MemberPath
	request[roleBody]
}

type newMemberInput struct {
	request[memberBody]
	ID number `path:"id" doc:"Of the project." example:"1"`
}

// lastOwner is the code of what would leave a project without an owner.
var lastOwner = codes{http.StatusConflict: {"last_owner"}}

func (a *API) registerMembers(humaAPI huma.API) {
	const all = "/api/projects/{id}/members/"
	const one = all + "{user}/"
	huma.Register(humaAPI, a.projectOperation("member-list", http.MethodGet, all, "List the members", "For members and staff."), a.listMembers)
	add := a.projectOperation("member-add", http.MethodPost, all, "Add a member",
		"For staff. Who becomes the owner takes the place of the old one, who becomes an editor.")
	add.Errors = append(add.Errors, http.StatusConflict)
	huma.Register(humaAPI, withBody(add, schemaOf[memberBody](humaAPI), map[string]any{"user": "ann@example.com", "role": "editor"}), a.addMember)
	huma.Register(humaAPI, a.projectOperation("member-read", http.MethodGet, one, "Read a member", "For members and staff."), a.readMember)
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		change := a.projectOperation("member-"+strings.ToLower(method), method, one, "Change a member's role", "A project keeps its owner: to leave, make another member the owner.")
		change.Errors, change.Metadata = append(change.Errors, http.StatusConflict), own(lastOwner)
		huma.Register(humaAPI, withBody(change, schemaOf[roleBody](humaAPI), map[string]any{"role": "viewer"}), a.changeMember)
	}
	remove := a.projectOperation("member-delete", http.MethodDelete, one, "Remove a member", "Any member may leave, but the owner.")
	remove.Errors, remove.Metadata = append(remove.Errors, http.StatusConflict), own(lastOwner)
	huma.Register(humaAPI, remove, a.removeMember)
}

func (a *API) drawMember(ctx context.Context, m *models.ProjectMember) member {
	drawn := member{memberUser{ID: m.UserID, Username: m.User.Username}, projectRole(m.Role)}
	if a.Projects.ShowsEmail(ctx, m) {
		drawn.User.Email = models.DisplayEmail(m.User.Email)
	}
	return drawn
}

func (a *API) listMembers(ctx context.Context, in *projectPath) (*itemsOutput[member], error) {
	found, err := a.Projects.Members(ctx, in.ID.value)
	if err != nil {
		return nil, err
	}
	members := make([]member, len(found))
	for i := range found {
		members[i] = a.drawMember(ctx, &found[i])
	}
	return &itemsOutput[member]{members}, nil
}

func (a *API) addMember(ctx context.Context, in *newMemberInput) (*itemOutput[member], error) {
	body := in.Sent
	added, err := a.Projects.AddMember(ctx, in.ID.value, projects.MemberInput{
		UserID: body.User.id, Login: body.User.login, Role: body.role(),
	})
	if err != nil {
		return nil, err
	}
	return &itemOutput[member]{a.drawMember(ctx, added)}, nil
}

func (a *API) readMember(ctx context.Context, in *MemberPath) (*itemOutput[member], error) {
	found, err := a.Projects.Member(ctx, in.ID.value, in.User.value)
	if err != nil {
		return nil, err
	}
	return &itemOutput[member]{a.drawMember(ctx, found)}, nil
}

func (a *API) changeMember(ctx context.Context, in *memberBodyPath) (*itemOutput[member], error) {
	changed, err := a.Projects.SetRole(ctx, in.ID.value, in.User.value, models.ProjectRole(in.Sent.Role))
	if err != nil {
		return nil, err
	}
	return &itemOutput[member]{a.drawMember(ctx, changed)}, nil
}

func (a *API) removeMember(ctx context.Context, in *MemberPath) (*struct{}, error) {
	return nil, a.Projects.RemoveMember(ctx, in.ID.value, in.User.value)
}
