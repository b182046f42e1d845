package migrations

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"github.com/uptrace/bun"
)

// Loss is what taking one migration back deletes.
type Loss struct {
	Name string
	What []string // "table projects (rows: 3)", "column language of users"
}

var (
	losing     = regexp.MustCompile(`(?m)^(?:DROP TABLE (?:IF EXISTS )?(\w+)|ALTER TABLE (\w+)([^;]*)|DELETE FROM (\w+))`)
	dropColumn = regexp.MustCompile(`DROP COLUMN (\w+)`)
)

// Losses says what Down with as many steps would delete, the newest migration first.
func Losses(ctx context.Context, db *bun.DB, steps int) ([]Loss, error) {
	all, err := Status(ctx, db)
	if err != nil {
		return nil, err
	}
	var losses []Loss
	for _, step := range slices.Backward(all) {
		if len(losses) == steps {
			break
		}
		if step.AppliedAt.IsZero() {
			continue
		}
		what, err := lostWith(ctx, db, step.Name)
		if err != nil {
			return nil, fmt.Errorf("%s: see what it would delete: %w", step.Name, err)
		}
		losses = append(losses, Loss{step.Name, what})
	}
	return losses, nil
}

func lostWith(ctx context.Context, db *bun.DB, name string) (what []string, err error) {
	paths, err := fs.Glob(files, folder(db)+"/"+name+"_*.down.sql")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := files.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for _, match := range losing.FindAllStringSubmatch(string(text), -1) {
			switch table, altered, changes, emptied := match[1], match[2], match[3], match[4]; {
			case table != "":
				rows, err := db.NewSelect().TableExpr("?", bun.Ident(table)).Count(ctx)
				if err != nil {
					return nil, err
				}
				what = append(what, fmt.Sprintf("table %s (rows: %d)", table, rows))
			case altered != "":
				for _, column := range dropColumn.FindAllStringSubmatch(changes, -1) {
					what = append(what, fmt.Sprintf("column %s of %s", column[1], altered))
				}
			default:
				what = append(what, "rows of "+emptied)
			}
		}
	}
	return what, nil
}
