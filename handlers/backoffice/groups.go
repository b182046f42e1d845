package backoffice

import (
	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// groupsModel declares the sets of permissions that users share.
func groupsModel(all *accounts.Groups) *admin.Model[models.Group] {
	return &admin.Model[models.Group]{
		Slug: models.GroupsSlug, Name: "Group", Plural: "Groups", Group: "People", Icon: "users",
		List: []string{"name"}, Search: []string{"name"}, Unindexed: true,
		Fieldsets: []admin.Fieldset{{Title: "Group", Fields: []string{"name", "permissions"}}},
		Labels:    map[string]string{"permissions": "Its members may"},
		Inputs:    map[string]admin.Input{"permissions": {Permissions: true}},
		Hint:      "A group gives several people the same rights.",
		Rows:      all,
	}
}
