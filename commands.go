package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/spf13/cobra"

	"digitalpath/config"
	"digitalpath/handlers/api"
	"digitalpath/models"
	"digitalpath/services/accounts"
)

// group is a command that only holds others. Alone it shows its help and fails, for
// nothing was done; cobra by itself would succeed, and for a misspelt one of them too.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	command := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			var names []string
			for _, c := range commands {
				names = append(names, c.Name())
			}
			return errors.Join(fmt.Errorf("%s does nothing by itself: say one of %s", use, strings.Join(names, ", ")), command.Help())
		},
	}
	command.AddCommand(commands...)
	return command
}

func (p *program) createSuperuserCommand() *cobra.Command {
	var in accounts.SuperuserInput
	var noInput bool
	command := p.schemaCommand("createsuperuser", "Make an account that may do everything in the back office", cobra.NoArgs,
		func(ctx context.Context, d *deps, _ []string) (err error) {
			in.Password = d.config.SuperuserPassword
			if noInput && (in.Username == "" || in.Email == "" || in.Password == "") {
				return errors.New("--noinput needs --username, --email and the variable DJANGO_SUPERUSER_PASSWORD")
			}
			ask := bufio.NewReader(p.in)
			if in.Username == "" {
				if in.Username, err = p.ask(ctx, ask, "Username: "); err != nil {
					return err
				}
				in.Username = strings.TrimSpace(in.Username)
			}
			if in.Email == "" {
				if in.Email, err = p.ask(ctx, ask, "E-mail: "); err != nil {
					return err
				}
				in.Email = strings.TrimSpace(in.Email)
			}
			if in.Password == "" {
				if in.Password, err = p.askPasswordTwice(ctx, ask); err != nil {
					return err
				}
			}
			if err := d.superusers.Create(ctx, in); err != nil {
				return err
			}
			fmt.Fprintln(p.out, "Superuser created.")
			return nil
		})
	command.Flags().StringVar(&in.Username, "username", "", "username of the account")
	command.Flags().StringVar(&in.Email, "email", "", "e-mail address of the account")
	command.Flags().BoolVar(&noInput, "noinput", false, "ask nothing; the password comes from DJANGO_SUPERUSER_PASSWORD")
	return command
}

func (p *program) changePasswordCommand() *cobra.Command {
	return p.schemaCommand("changepassword USERNAME", "Set the password of an account and end its logins", oneArgument,
		func(ctx context.Context, d *deps, args []string) error {
			if _, err := models.UserByLogin(ctx, d.db, args[0]); errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("there is no user %q", args[0])
			} else if err != nil {
				return fmt.Errorf("find account: %w", err)
			}
			password, err := p.askPasswordTwice(ctx, bufio.NewReader(p.in))
			if err != nil {
				return err
			}
			if err := d.superusers.ChangePassword(ctx, args[0], password); err != nil {
				return err
			}
			fmt.Fprintln(p.out, "Password changed.")
			return nil
		})
}

func (p *program) sendTestMailCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sendtestmail ADDRESS", Short: "Send a mail right now, to see whether EMAIL_* is right", Args: oneArgument,
		RunE: func(command *cobra.Command, args []string) error {
			d, err := p.open()
			if err != nil {
				return err
			}
			reply, err := d.composer.SendTest(command.Context(), args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out, "Sent to %s. The server said: %s\n", args[0], reply)
			return nil
		},
	}
}

func (p *program) configCommand() *cobra.Command {
	return &cobra.Command{
		Use: "config", Short: "Print every variable with the value that counts, without secrets", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := config.FromEnv(p.environ)
			if err != nil {
				return err
			}
			for _, line := range c.Lines() {
				fmt.Fprintln(p.out, line)
			}
			for _, warning := range c.Warnings {
				fmt.Fprintln(p.errOut, "warning:", warning)
			}
			return nil
		},
	}
}

func (p *program) openAPICommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the API's OpenAPI 3.1 document", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			document := (&api.API{Version: version()}).Register(fiber.New()).OpenAPI()
			encoder := json.NewEncoder(p.out)
			encoder.SetIndent("", "  ")
			return encoder.Encode(document)
		},
	}
}

// oneArgument holds a command to the argument that its usage names.
func oneArgument(command *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("it takes one argument: %s", command.UseLine())
	}
	return nil
}

// schemaCommand is a command that works on tables, made first where they lack.
func (p *program) schemaCommand(use, short string, args cobra.PositionalArgs, do func(context.Context, *deps, []string) error) *cobra.Command {
	return p.databaseCommand(use, short, args, func(ctx context.Context, d *deps, args []string) error {
		if err := d.prepareDatabase(ctx); err != nil {
			return err
		}
		return do(ctx, d, args)
	})
}

// databaseCommand is a command that works on a database that answers.
func (p *program) databaseCommand(use, short string, args cobra.PositionalArgs, do func(context.Context, *deps, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: args, RunE: func(command *cobra.Command, args []string) (err error) {
		d, err := p.open()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.close()) }()
		if err := d.db.PingContext(command.Context()); err != nil {
			return fmt.Errorf("the database does not answer: %s", models.Reason(err))
		}
		return do(command.Context(), d, args)
	}}
}
