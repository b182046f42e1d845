package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"digitalpath/migrations"
	"digitalpath/models"
)

// skewAllowed is how far two clocks may be apart: tokens allow a minute.
const skewAllowed = 30 * time.Second

// database tells whether it answers, as what, and what stands before it.
func (d *Doctor) database(ctx context.Context) []Finding {
	if err := d.DB.PingContext(ctx); err != nil {
		return []Finding{d.unreachable(err)}
	}
	version := "SELECT 'SQLite ' || sqlite_version()"
	if models.IsPostgres(d.DB) {
		version = "SELECT 'PostgreSQL ' || current_setting('server_version')"
	}
	var server string
	if err := d.DB.QueryRowContext(ctx, version).Scan(&server); err != nil {
		return []Finding{d.unreachable(err)}
	}
	findings := []Finding{ok("%s answers.", server)}
	switch writable, err := models.IsWritable(ctx, d.DB); {
	case err != nil:
		findings[0] = d.unreachable(err)
	case !writable && models.IsPostgres(d.DB):
		findings[0] = failed("%s takes no changes: it is a standby, or was set to be read only.", server).
			mend(`psql "$DATABASE_URL" -c 'ALTER DATABASE "%s" RESET default_transaction_read_only'`, d.databaseName())
	case !writable:
		findings[0] = failed("%s takes no changes: its disk is full, or its folder belongs to another user.", server).mend("df -h . && ls -ld .")
	}
	if !models.IsPostgres(d.DB) {
		return findings
	}
	if pooled, err := models.IsPooled(ctx, d.Config.DatabaseURL); err == nil && pooled {
		findings = append(findings, ok("PgBouncer stands before the database. Transaction mode is fine, for migrations too."))
	}
	return findings
}

func (d *Doctor) unreachable(err error) Finding {
	f := failed("%s", models.Reason(err))
	switch {
	case !models.IsPostgres(d.DB):
		return f.mend("ls -l %s", d.Config.DatabaseURL[len("sqlite:///"):])
	case models.IsRefusedLogin(err):
		return f.mend(`ALTER ROLE %s PASSWORD '...'; -- and the same in DATABASE_URL`, d.login())
	case models.IsUnknownDatabase(err):
		return f.mend("createdb %s", d.databaseName())
	}
	return f.mend(`sudo systemctl start postgresql && psql "$DATABASE_URL" -c 'select 1'`)
}

func (d *Doctor) databaseName() string {
	if config, err := pgx.ParseConfig(d.Config.DatabaseURL); err == nil {
		return config.Database
	}
	return ""
}

func (d *Doctor) login() string {
	if config, err := pgx.ParseConfig(d.Config.DatabaseURL); err == nil {
		return config.User
	}
	return ""
}

// migrations are applied all, and none is there that this version does not know.
func (d *Doctor) migrations(ctx context.Context) []Finding {
	steps, err := migrations.Status(ctx, d.DB)
	if err != nil {
		return nil // the database's finding tells it
	}
	pending := 0
	for _, step := range steps {
		if step.AppliedAt.IsZero() {
			pending++
		}
	}
	if pending > 0 {
		return []Finding{failed("%d of %d migrations are not applied.", pending, len(steps)).mend("digitalpath migrate up")}
	}
	unknown, err := migrations.Unknown(ctx, d.DB)
	if err == nil && len(unknown) > 0 {
		return []Finding{warn("The database has %d migrations that this version does not know: a newer one was here.", len(unknown)).
			mend("digitalpath version")}
	}
	return []Finding{ok("All %d migrations are applied.", len(steps))}
}

// clock compares this machine's with the database's.
func (d *Doctor) clock(ctx context.Context) []Finding {
	if !models.IsPostgres(d.DB) {
		return nil // there is one clock only
	}
	before := d.Now()
	var theirs time.Time
	if err := d.DB.NewSelect().ColumnExpr("?", models.Clock(d.DB, 0)).Scan(ctx, &theirs); err != nil {
		return nil // the database's finding tells it
	}
	skew := theirs.Sub(before.Add(d.Now().Sub(before) / 2)).Abs().Round(time.Millisecond)
	if skew > skewAllowed {
		return []Finding{failed("This machine's clock and the database's are %s apart: tokens are refused, and mail is sent too late.", fmt.Sprint(skew)).
			mend("sudo timedatectl set-ntp true")}
	}
	return []Finding{ok("This machine's clock and the database's are %s apart.", fmt.Sprint(skew))}
}
