package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"digitalpath/models"
	"digitalpath/services/accounts"
)

func (p *program) demoCommand() *cobra.Command {
	return p.schemaCommand("demo", "Load data of every kind to look around in", cobra.NoArgs, func(ctx context.Context, d *deps, _ []string) error {
		if !d.config.Debug {
			return errors.New("demo data is for development: set DJANGO_DEBUG=1, on a database that nobody works with")
		}
		messages, err := d.contact.Demo(ctx)
		if err != nil {
			return err
		}
		projects, err := d.projects.Demo(ctx)
		if err != nil {
			return err
		}
		waiting, err := d.waitlist.Demo(ctx)
		if err != nil {
			return err
		}
		users, groups, changes, err := d.demoPeople(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "Added %d contact messages, %d projects, %d people on the waitlist, %d users, %d groups, and %d changes by them.\n",
			messages, projects, waiting, users, groups, changes)
		return nil
	})
}

// demoStaff are the people of the demo: each is in one of its groups, but the last, who
// is a visitor.
var demoStaff = []struct{ username, first, last, group string }{
	{"sarah", "Sarah", "Whitlock", "Support"}, {"tomas", "Tomás", "Herrera", "Support"}, {"ines", "Inês", "Carvalho", "Projects"},
	{"henrik", "Henrik", "Aas", "Projects"}, {"visitor", "Paul", "Whitfield", ""},
}

var demoGroups = map[string][]string{
	"Support":  {"contact-messages.view", "contact-messages.change", "waitlist.view", "waitlist.change"},
	"Projects": {"projects.view", "projects.add", "projects.change", "projects.delete"},
}

// demoPeople adds users without a password, whom nobody can log in as, their groups, and
// what they have changed and deleted; nothing where they are there already.
func (d *deps) demoPeople(ctx context.Context) (users, groups, changes int, err error) {
	there, err := d.db.NewSelect().Model((*models.User)(nil)).Where("email = ?", "sarah@demo.example").Exists(ctx)
	if err != nil || there {
		return 0, 0, 0, err
	}
	root := models.WithActor(ctx, models.Actor{Rights: models.Rights{All: true}})
	ids := map[string]int64{}
	for name, permissions := range demoGroups {
		group, err := accounts.NewGroups(d.db, time.Now).Add(root, func(g *models.Group) error {
			g.Name, g.Permissions = name+" (demo)", permissions
			return nil
		})
		if err != nil {
			return users, groups, 0, err
		}
		ids[name], groups = group.ID, groups+1
	}
	for _, person := range demoStaff {
		user, err := d.users.Save(root, 0, func(u *models.User) error {
			u.Username, u.Email, u.FirstName, u.LastName = person.username, person.username+"@demo.example", person.first, person.last
			if u.NoPassword = true; person.group != "" {
				u.IsStaff, u.Groups = true, []int64{ids[person.group]}
			}
			return nil
		})
		if err != nil {
			return users, groups, changes, err
		}
		users++
		done, err := d.demoChanges(ctx, user)
		if err != nil {
			return users, groups, changes, err
		}
		changes += done
	}
	return users, groups, changes, nil
}

// demoChanges lets somebody move projects along, and delete one.
func (d *deps) demoChanges(ctx context.Context, user *models.User) (int, error) {
	if !user.IsStaff {
		return 0, nil
	}
	acting := models.WithActor(ctx, models.Actor{User: user, Rights: models.Rights{All: true}, Channel: models.ChannelBackoffice, IP: "203.0.113.8"})
	rows := d.projects.Rows()
	var ids []int64
	if err := d.db.NewSelect().Model((*models.Project)(nil)).Column("id").Where("status = ?", models.ProjectPlanning).
		OrderExpr("id").Offset(user.ID%4*3).Limit(3).Scan(ctx, &ids); err != nil || len(ids) < 3 {
		return 0, err
	}
	for i, id := range ids[:2] {
		if _, err := rows.Change(acting, id, func(p *models.Project) error {
			p.Budget, p.LastUpdate = fmt.Sprintf("EUR %d,000", 90+10*i), "Scope agreed with the client"
			return nil
		}); err != nil {
			return i, err
		}
	}
	if user.Username != "sarah" && user.Username != "ines" {
		return 2, nil
	}
	deleted, err := rows.Delete(acting, ids[2:])
	return 2 + deleted, err
}
