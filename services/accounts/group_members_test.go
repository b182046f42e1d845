package accounts_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/accounts"
)

func TestAGroupKnowsHowManyMembersItHas(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := db.NewRaw(query, args...).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	groups := []*models.Group{{Name: "Editors"}, {Name: "Nobody"}}
	if _, err := db.NewInsert().Model(&groups).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for i := range 8 {
		user := &models.User{Username: fmt.Sprintf("user%d", 9-i), Email: fmt.Sprintf("u%d@example.com", i), DateJoined: time.Now()}
		if _, err := db.NewInsert().Model(user).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, user.ID)
		run("INSERT INTO user_groups (user_id, group_id) VALUES (?, ?)", user.ID, groups[0].ID)
	}
	run("DELETE FROM user_groups WHERE user_id = ?", ids[7])
	run("DELETE FROM users WHERE id = ?", ids[6]) // whose membership goes with it
	if err := accounts.NewGroups(db, time.Now).AddMembers(t.Context(), groups); err != nil {
		t.Fatal(err)
	}
	if editors := groups[0]; editors.MemberCount != 6 || !slices.Equal(editors.Members, []string{"user5", "user6", "user7", "user8", "user9"}) {
		t.Errorf("%d editors, among them %v", editors.MemberCount, editors.Members)
	}
	if nobody := groups[1]; nobody.MemberCount != 0 || len(nobody.Members) != 0 {
		t.Errorf("%d in the empty group, among them %v", nobody.MemberCount, nobody.Members)
	}
	run("DELETE FROM groups WHERE id = ?", groups[0].ID)
	var left int
	if err := db.NewRaw("SELECT coalesce(sum(number), 0) FROM row_counts WHERE subject = 'user_groups'").Scan(t.Context(), &left); err != nil || left != 0 {
		t.Errorf("%d members are counted of groups that are gone: %v", left, err)
	}
}
