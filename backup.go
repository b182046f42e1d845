package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"digitalpath/models"
	"digitalpath/services/backup"
)

func (p *program) backupCommand() *cobra.Command {
	command := p.databaseCommand("backup FILE", "Write all rows of the database into a file, while the program runs", oneArgument,
		func(ctx context.Context, d *deps, args []string) error {
			tables, err := backup.Write(ctx, d.db, args[0])
			return p.printTables(models.BackupMade, tables, cmp.Or(err, d.recordBackup(ctx, args[0], models.BackupMade, err)))
		})
	command.Long = `Write all rows of the database, as of one moment, into a file of the owner's alone.
The program may run meanwhile. A file that is there is replaced once the new one is
whole. The secret key and the other settings are not in it.`
	return command
}

func (p *program) restoreCommand() *cobra.Command {
	var drill, replace bool
	command := p.databaseCommand("restore FILE", "Put the rows of a backup into the database", oneArgument,
		func(ctx context.Context, d *deps, args []string) error {
			if drill && replace {
				return errors.New("--drill replaces nothing: leave --replace out")
			}
			if drill {
				tables, err := backup.Drill(ctx, d.db, d.config.DatabaseURL, args[0])
				return p.printTables("Restored into a scratch database, counted and dropped", tables, cmp.Or(err, d.recordBackup(ctx, args[0], models.BackupDrilled, err)))
			}
			tables, err := backup.Restore(ctx, d.db, args[0], replace)
			return p.printTables("Restored", tables, err)
		})
	command.Long = `Put the rows of a backup into the database of DATABASE_URL, all or none.

The database must be of the backup's engine and hold no rows, unless --replace is
said. Its schema is then the backup's; serve applies what is newer.`
	command.Flags().BoolVar(&drill, "drill", false, "restore into a scratch database, compare the counts, and drop it")
	command.Flags().BoolVar(&replace, "replace", false, "delete the rows that the database holds")
	return command
}

// recordBackup notes in the history what was done with a backup, unless it failed.
func (d *deps) recordBackup(ctx context.Context, path, summary string, failed error) error {
	if failed != nil {
		return nil
	}
	ctx = models.WithActor(ctx, models.Actor{Channel: models.ChannelCommand})
	return models.Record(ctx, d.db, models.HistoryEntry{
		At: now(), Model: models.BackupsSlug, ObjectLabel: filepath.Base(path), Action: models.HistoryAdded, Summary: summary,
	})
}

func (p *program) printTables(did string, tables []backup.Table, err error) error {
	if err != nil {
		return err
	}
	total := int64(0)
	for _, table := range tables {
		fmt.Fprintf(p.out, "%10d  %s\n", table.Rows, table.Name)
		total += table.Rows
	}
	fmt.Fprintf(p.out, "%10d  rows\n%s.\n", total, did)
	return nil
}
