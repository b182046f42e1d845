package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"digitalpath/migrations"
)

func (p *program) migrateCommand() *cobra.Command {
	return group("migrate", "Change the database's schema, or look at it",
		p.databaseCommand("up", "Apply what is not applied yet", cobra.NoArgs, func(ctx context.Context, d *deps, _ []string) error {
			names, err := migrations.Up(ctx, d.db)
			return p.report("Applied", names, err)
		}),
		p.migrateDownCommand(),
		p.databaseCommand("status", "List the migrations and when they were applied", cobra.NoArgs, func(ctx context.Context, d *deps, _ []string) error {
			steps, err := migrations.Status(ctx, d.db)
			for _, step := range steps {
				applied := "not applied"
				if !step.AppliedAt.IsZero() {
					applied = step.AppliedAt.UTC().Format("2006-01-02 15:04:05 UTC")
				}
				fmt.Fprintf(p.out, "%-24s %s\n", step.Name, applied)
			}
			return err
		}),
	)
}

func (p *program) migrateDownCommand() *cobra.Command {
	var yes bool
	command := p.databaseCommand("down [N]", "Take back the newest N migrations (default 1); their data is lost", cobra.MaximumNArgs(1),
		func(ctx context.Context, d *deps, args []string) error {
			steps := 1
			if len(args) == 1 {
				var err error
				if steps, err = strconv.Atoi(args[0]); err != nil || steps < 1 {
					return fmt.Errorf("%q is not a number of migrations", args[0])
				}
			}
			losses, err := migrations.Losses(ctx, d.db, steps)
			if err != nil {
				return err
			}
			if len(losses) > 0 && !yes {
				if err := p.confirmLosses(ctx, losses); err != nil {
					return err
				}
			}
			names, err := migrations.Down(ctx, d.db, len(losses))
			return p.report("Took back", names, err)
		})
	command.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return command
}

func (p *program) confirmLosses(ctx context.Context, losses []migrations.Loss) error {
	fmt.Fprintln(p.out, "This deletes for good:")
	for _, loss := range losses {
		fmt.Fprintf(p.out, "  %s: %s\n", loss.Name, strings.Join(loss.What, ", "))
	}
	answer, err := p.ask(ctx, bufio.NewReader(p.in), "Type yes to go on (--yes does not ask): ")
	if err == nil && strings.TrimSpace(answer) != "yes" {
		err = errors.New("nothing was taken back")
	}
	return err
}

// report prints what was done, also where an error ended it half-way.
func (p *program) report(did string, names []string, err error) error {
	for _, name := range names {
		fmt.Fprintln(p.out, did, name)
	}
	if len(names) == 0 && err == nil {
		fmt.Fprintln(p.out, "Nothing to do.")
	}
	return err
}
