package models

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Verb is what a permission allows to do, as in Django. Purge is to delete for good
// what is in the trash, where Delete puts it.
type Verb string

const (
	View   Verb = "view"
	Add    Verb = "add"
	Change Verb = "change"
	Delete Verb = "delete"
	Purge  Verb = "purge"
)

// Verbs lists every verb in the order of Django's admin.
var Verbs = []Verb{View, Add, Change, Delete, Purge}

// Rights is what somebody may do. The zero value may do nothing.
type Rights struct {
	All     bool     // a superuser
	Granted []string // permissions such as "projects.change"
}

// PermissionOf names the permission to do verb with the rows of a model, by the
// model's slug.
func PermissionOf(slug string, verb Verb) string { return slug + "." + string(verb) }

// May tells whether verb is allowed on the model of that slug. Who may change rows
// may see them.
func (r Rights) May(verb Verb, slug string) bool {
	return r.All || slices.Contains(r.Granted, PermissionOf(slug, verb)) ||
		verb == View && slices.Contains(r.Granted, PermissionOf(slug, Change))
}

// Covers tells whether permission is one that r has.
func (r Rights) Covers(permission string) bool {
	slug, verb, _ := strings.Cut(permission, ".")
	return r.May(Verb(verb), slug)
}

// RightsOf reads what user may do: by itself and by its groups.
func RightsOf(ctx context.Context, db bun.IDB, user *User) (Rights, error) {
	if user.IsSuperuser {
		return Rights{All: true}, nil
	}
	var granted []string
	args := new(Args)
	err := grantedTo(db, args.Of(user.ID)).Scan(args.In(ctx), &granted)
	return Rights{Granted: granted}, err
}

// grantedTo selects the permissions of a user that is no superuser.
func grantedTo(db bun.IDB, userID any) *bun.SelectQuery {
	return db.NewSelect().TableExpr("user_permissions").Column("permission").Where("user_id = ?", userID).
		Union(db.NewSelect().TableExpr("group_permissions").Column("permission").
			Where("group_id IN (SELECT group_id FROM user_groups WHERE user_id = ?)", userID))
}

// Channel is the way by which a change came in.
type Channel string

const (
	ChannelAPI        Channel = "api"
	ChannelBackoffice Channel = "backoffice"
	ChannelCommand    Channel = "command"
	ChannelSystem     Channel = "system"
)

// Actor is who does something: the middleware puts it into the request's context,
// history and rights read it.
type Actor struct {
	User    *User // nil: nobody signed in
	Rights  Rights
	IP      string
	Channel Channel
}

// UserID is the actor's id, 0 for nobody.
func (a Actor) UserID() int64 {
	if a.User == nil {
		return 0
	}
	return a.User.ID
}

type actorKey struct{}

// WithActor puts the actor into a context.
func WithActor(ctx context.Context, actor Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// ActorOf is who acts in ctx; without one it is the program itself.
func ActorOf(ctx context.Context) Actor {
	actor, ok := ctx.Value(actorKey{}).(Actor)
	if !ok {
		return Actor{Channel: ChannelSystem}
	}
	return actor
}

// GroupsSlug names groups in URLs, permissions and history.
const GroupsSlug = "groups"

// Group is a set of permissions that users share.
type Group struct {
	bun.BaseModel `bun:"table:groups,alias:group"`

	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name,type:varchar(150)" validate:"required,visible,max=150"`

	Permissions []string `bun:"permissions,scanonly"` // as the form of the back office holds them

	// What its list shows besides.
	MemberCount int      `bun:"member_count,scanonly" json:"-"`
	Members     []string `bun:"members,scanonly" json:"-"` // the oldest accounts, by username
}

// GroupPermission, UserPermission and UserGroup are the links of Django's rights.
type GroupPermission struct {
	bun.BaseModel `bun:"table:group_permissions,alias:group_permission"`

	GroupID    int64  `bun:"group_id,pk"`
	Permission string `bun:"permission,pk,type:varchar(100)"`
}

// UserPermission grants a permission to one user.
type UserPermission struct {
	bun.BaseModel `bun:"table:user_permissions,alias:user_permission"`

	UserID     int64  `bun:"user_id,pk"`
	Permission string `bun:"permission,pk,type:varchar(100)"`
}

// UserGroup makes a user a member of a group.
type UserGroup struct {
	bun.BaseModel `bun:"table:user_groups,alias:user_group"`

	UserID  int64 `bun:"user_id,pk"`
	GroupID int64 `bun:"group_id,pk"`
}
