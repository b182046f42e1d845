package backoffice

import (
	"context"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/accounts"
	"digitalpath/views/i18n"
)

// groupsModel declares the sets of permissions that users share.
func groupsModel(all *accounts.Groups) *admin.Model[models.Group] {
	return &admin.Model[models.Group]{
		Slug: models.GroupsSlug, Name: "Group", Plural: "Groups", Group: "People", Icon: "users",
		List: []string{"name"}, Search: []string{"name"},
		Fieldsets: []admin.Fieldset{{Title: "Group", Fields: []string{"name", "permissions"}}},
		Labels:    map[string]string{"permissions": "Its members may"},
		Inputs:    map[string]admin.Input{"permissions": {Permissions: true}},
		Hint:      "A group gives several people the same rights.",
		Load:      all.Load, Save: all.Save, Delete: all.Delete,
		Related: func(ctx context.Context, ids []int64) ([]string, error) {
			members, err := all.Members(ctx, ids)
			return counted(members, i18n.T(ctx, "What it grants to %d members", members), 0, ""), err
		},
	}
}
