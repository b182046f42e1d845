package djangoimport

import (
	"context"
	"strings"

	"digitalpath/models"
)

// slugs names Django's models as this program does. Models that are missing have no
// page of their own here: the rows of a project belong to it, an address to its user.
var slugs = map[string]string{
	"auth.user": models.UsersSlug, "auth.group": models.GroupsSlug, "contact.contactmessage": models.ContactSlug,
	"projects.project": models.ProjectsSlug, "waitlists.waitlistentry": models.WaitlistSlug, "waitlists.waitlist": models.WaitlistSlug,
	"socialaccount.socialaccount": models.SocialAccountsSlug, "admin.logentry": "history",
}

// permission maps a permission by its names: its id differs from database to database.
func permission(from *row) (name, because string) {
	app, model := from.text("app_label", 0), from.text("model", 0)
	verb, of, _ := strings.Cut(from.text("codename", 0), "_")
	slug := slugs[app+"."+model]
	for _, known := range models.Verbs {
		if slug != "" && of == model && verb == string(known) {
			return models.PermissionOf(slug, known), ""
		}
	}
	return "", "there is no such permission here: " + app + "." + from.text("codename", 0)
}

func (r *run) importGroups(ctx context.Context) error {
	return copying[models.Group]{
		table: "auth_group",
		make: func(from *row) made[models.Group] {
			group := models.Group{ID: from.id("id"), Name: from.text("name", 150)}
			r.groups[group.ID] = true
			return made[models.Group]{row: group}
		},
		find: byID("groups", func(g *models.Group) int64 { return g.ID }, func(have, want *models.Group) bool { return have.Name == want.Name }),
	}.run(ctx, r)
}

// granted reads the permissions of a table that links them to an owner.
func granted(table, owner string) string {
	return "SELECT l.id, l." + owner + ", p.codename, t.app_label, t.model FROM " + table + " AS l" +
		" LEFT JOIN auth_permission AS p ON p.id = l.permission_id LEFT JOIN django_content_type AS t ON t.id = p.content_type_id ORDER BY l.id"
}

const noOwner = "its user or group does not exist"

// importRights brings over who belongs to which group, and what groups and users may do.
func (r *run) importRights(ctx context.Context) error {
	err := link[models.UserGroup]{
		table: "auth_user_groups", query: "SELECT * FROM auth_user_groups ORDER BY id",
		make: func(from *row) (models.UserGroup, string) {
			member := models.UserGroup{UserID: from.id("user_id"), GroupID: from.id("group_id")}
			if r.users[member.UserID] == "" || !r.groups[member.GroupID] {
				return member, noOwner
			}
			return member, ""
		},
	}.run(ctx, r)
	if err != nil {
		return err
	}
	err = link[models.GroupPermission]{
		table: "auth_group_permissions", query: granted("auth_group_permissions", "group_id"),
		make: func(from *row) (models.GroupPermission, string) {
			name, because := permission(from)
			right := models.GroupPermission{GroupID: from.id("group_id"), Permission: name}
			if !r.groups[right.GroupID] {
				because = noOwner
			}
			return right, because
		},
	}.run(ctx, r)
	if err != nil {
		return err
	}
	return link[models.UserPermission]{
		table: "auth_user_user_permissions", query: granted("auth_user_user_permissions", "user_id"),
		make: func(from *row) (models.UserPermission, string) {
			name, because := permission(from)
			right := models.UserPermission{UserID: from.id("user_id"), Permission: name}
			if r.users[right.UserID] == "" {
				because = noOwner
			}
			return right, because
		},
	}.run(ctx, r)
}
