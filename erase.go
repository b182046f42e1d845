package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"digitalpath/models"
)

func (p *program) erasePersonCommand() *cobra.Command {
	var yes bool
	command := p.schemaCommand("erase-person EMAIL", "Erase what is known of a person, trash and history included", oneArgument,
		func(ctx context.Context, d *deps, args []string) error {
			ctx = models.WithActor(ctx, models.Actor{Channel: models.ChannelCommand, Rights: models.Rights{All: true}})
			person, err := d.erasure.Of(ctx, args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out, "This erases %s for good, out of every text too, with the files of all exports and imports:\n", person.Address)
			for _, related := range person.Removes() {
				what := map[models.DeleteEffect]string{models.DeletedToo: "deleted", models.LosesReference: "kept without the person"}[related.Effect]
				more := map[bool]string{true: "+"}[related.More]
				fmt.Fprintf(p.out, "  %s: %d%s, %s\n", related.Table, related.Count, more, what)
			}
			if !yes {
				answer, err := p.ask(ctx, bufio.NewReader(p.in), "Type yes to go on (--yes does not ask): ")
				if err == nil && strings.TrimSpace(answer) != "yes" {
					err = errors.New("nothing was erased")
				}
				if err != nil {
					return err
				}
			}
			if err := d.erasure.Erase(ctx, args[0]); err != nil {
				return err
			}
			fmt.Fprintln(p.out, "Erased.")
			return nil
		})
	command.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return command
}
