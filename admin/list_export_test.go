package admin_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/accounts"
)

// queries counts what a database is asked.
type queries struct{ n int }

func (q *queries) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	q.n++
	return ctx
}

func (*queries) AfterQuery(context.Context, *bun.QueryEvent) {}

func TestExportReadsWhatOtherTablesKnowBatchByBatch(t *testing.T) {
	t.Parallel()
	d := &testSite{t: t, db: modelstest.New(t), rights: models.Rights{All: true}, user: &models.User{Username: "ada"}}
	d.site = &admin.Site{DB: d.db, Now: now}
	groups := accounts.NewGroups(d.db, now)
	d.site.Register(&admin.Model[models.Group]{
		Slug: "groups", Name: "Group", Plural: "Groups", List: []string{"name"}, Search: []string{"name"}, Unindexed: true,
		Fieldsets: []admin.Fieldset{{Title: "Group", Fields: []string{"name", "permissions"}}}, Inputs: map[string]admin.Input{"permissions": {Permissions: true}}, Rows: groups,
	})
	if err := d.site.Check(); err != nil {
		t.Fatal(err)
	}
	d.app = fiber.New(fiber.Config{Immutable: true, ErrorHandler: refuse})
	d.site.Routes(d.app.Group("/admin", d.signIn))
	for i := range 600 {
		group := &models.Group{Name: fmt.Sprintf("Group %03d", i)}
		if _, err := d.db.NewInsert().Model(group).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := d.db.NewInsert().Model(&models.GroupPermission{GroupID: group.ID, Permission: "groups.view"}).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	asked := new(queries)
	d.site.DB = d.db.WithQueryHook(asked)
	text := d.get("/admin/groups/export/?o=-name").body
	if records, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil || len(records) != 601 || strings.Join(records[600][1:], " ") != "Group 000 groups.view" {
		t.Errorf("%d lines, %v", len(records), err)
	}
	if asked.n == 0 || asked.n > 10 {
		t.Errorf("600 groups take %d queries", asked.n)
	}
}
