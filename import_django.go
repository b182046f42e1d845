package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"digitalpath/models"
	"digitalpath/services/contact"
	"digitalpath/services/djangoimport"
)

// samplePassword is what the Django program's start script gives its first superuser.
const samplePassword = "changeme123"

func (p *program) importDjangoCommand() *cobra.Command {
	var from, report string
	var dryRun, sendPending bool
	command := p.databaseCommand("import-django", "Bring the data of the Django program over", cobra.NoArgs,
		func(ctx context.Context, d *deps, _ []string) (err error) {
			source, err := djangoimport.OpenSource(ctx, from)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, source.Close()) }()
			if err := d.prepareDatabase(ctx); err != nil {
				return err
			}
			importer := d.newImporter(dryRun, sendPending)
			importer.Progress = p.progress
			ledger, err := writeReport(report, func(file io.Writer) (*djangoimport.Ledger, error) {
				return importer.Run(ctx, source, file)
			})
			if err != nil {
				return err
			}
			if dryRun {
				fmt.Fprintln(p.out, "Dry run: nothing was imported. What would be:")
			}
			return ledger.Print(p.out)
		})
	command.Long = `Bring the data of the Django program over, from its PostgreSQL or SQLite database into
the one of DATABASE_URL. Everything is imported, or nothing; the source is only read. A
second run changes nothing, a later one takes what is new. docs/migrating-from-django.md
says what becomes of rows that do not fit.`
	command.Flags().StringVar(&from, "from", "", "the Django program's database, written as DATABASE_URL is")
	command.Flags().StringVar(&report, "report", "", "write a line for each row that was changed, merged or left out into this file (CSV)")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "say what would become of every row, and import nothing")
	command.Flags().BoolVar(&sendPending, "send-pending", false, "also send the mails of contact messages that are pending")
	_ = command.MarkFlagRequired("from") // fails only for a flag that is not there
	return command
}

func (d *deps) newImporter(dryRun, sendPending bool) *djangoimport.Importer {
	return &djangoimport.Importer{
		DB: d.db, Outbox: d.outbox, Notice: contact.MailNotice, Now: now, DryRun: dryRun, SendPending: sendPending,
		IsSamplePassword: func(ctx context.Context, hash string) (bool, error) {
			return d.logins.Passwords.Verify(ctx, hash, samplePassword, func() error { return nil })
		},
		ClientIDs: map[models.SocialProvider]string{models.Google: d.config.GoogleID, models.GitHub: d.config.GitHubID},
	}
}

// progress shows how far a table is to a person at a terminal.
func (p *program) progress(table string, rows int64) func(int) {
	file, ok := p.errOut.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return func(int) {}
	}
	bar := progressbar.NewOptions64(rows, progressbar.OptionSetWriter(file), progressbar.OptionSetDescription(table),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionOnCompletion(func() { fmt.Fprintln(file) }))
	return func(n int) { _ = bar.Add(n) } // a screen that is gone is no reason to stop
}

// writeReport hands work a file to report into, which is there only if it succeeds;
// without a path, nil.
func writeReport[T any](path string, work func(io.Writer) (T, error)) (result T, err error) {
	if path == "" {
		return work(nil)
	}
	file, err := os.OpenFile(path+".part", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // #nosec G304 -- the operator names it
	if err != nil {
		return result, fmt.Errorf("--report names a file that cannot be written: %w", err)
	}
	result, err = work(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return result, errors.Join(err, os.Remove(path+".part"))
	}
	return result, os.Rename(path+".part", path)
}
