package djangoimport

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// notTaken says of tables why their rows are not.
var notTaken = map[string]string{
	"django_migrations":                "this program has migrations of its own",
	"django_content_type":              "models are known by their names",
	"auth_permission":                  "permissions are mapped by their names",
	"django_session":                   "staff log in again: sessions of the back office are this program's own",
	"django_site":                      "FRONTEND_URL and BACKEND_URL say where the site is",
	"account_emailconfirmation":        "keys of mails are signed and need no row",
	"socialaccount_socialtoken":        "tokens of providers are asked for again at each login",
	"socialaccount_socialapp_sites":    "the credentials of providers come from the environment",
	"mfa_authenticator":                "there is no second factor here: these users log in with their password alone",
	"token_blacklist_outstandingtoken": "a token that is not blacklisted is good by its signature",
}

// leaveTheRest accounts for all other tables that hold rows.
func (r *run) leaveTheRest(ctx context.Context) error {
	if err := r.compareCredentials(ctx); err != nil {
		return err
	}
	var tables []string
	for table := range r.source.columns {
		if r.ledger.sums[table] == nil {
			tables = append(tables, table)
		}
	}
	slices.Sort(tables)
	for _, table := range tables {
		rows, err := r.source.count(ctx, table)
		if err != nil {
			return err
		}
		because := notTaken[table]
		if because == "" {
			because = "this program has no such table"
		}
		if rows == 0 {
			continue
		}
		if err := r.ledger.leaveTable(table, rows, because); err != nil {
			return err
		}
	}
	return nil
}

// compareCredentials says where the database held other credentials of a provider than
// the environment.
func (r *run) compareCredentials(ctx context.Context) error {
	advance, found, err := r.open(ctx, "socialaccount_socialapp", "provider", "client_id")
	if err != nil || !found {
		return err
	}
	return r.source.each(ctx, "SELECT * FROM socialaccount_socialapp ORDER BY id", func(from *row) error {
		advance(1)
		provider := models.SocialProvider(from.text("provider", 0))
		because := "its credentials are those of the environment"
		if r.ClientIDs[provider] != from.text("client_id", 0) {
			because = fmt.Sprintf("the credentials of %s come from the environment, and its client id there is not %s: set both if people are to log in by it",
				provider, from.text("client_id", 0))
		}
		return r.ledger.tell("socialaccount_socialapp", from.id("id"), LeftOut, because)
	})
}

// sequences are the tables here whose next ids must lie above those of tables there.
var sequences = map[string]string{
	"auth_user": "users", "auth_group": "groups", "socialaccount_socialaccount": "social_accounts", "contact_contactmessage": "contact_messages",
	"projects_project": "projects", "projects_datasource": "data_sources", "projects_report": "reports", "projects_analytic": "analytics",
	"projects_aiintegration": "ai_integrations", "waitlists_waitlistentry": "waitlist_entries", "waitlists_waitlist": "waitlist_entries",
}

// raiseSequences makes the next ids higher than all that the source ever gave out, for
// tokens and links may name rows that were deleted there, and than those here.
func (r *run) raiseSequences(ctx context.Context) error {
	for table, target := range sequences {
		if !r.source.has(table, "id") {
			continue
		}
		last, err := r.source.lastID(ctx, table)
		if err != nil {
			return err
		}
		if err := raiseSequence(ctx, r.tx, target, last); err != nil {
			return fmt.Errorf("raise the ids of %s: %w", target, err)
		}
	}
	return nil
}

func raiseSequence(ctx context.Context, tx bun.Tx, table string, last int64) error {
	if last == 0 {
		return nil
	}
	if models.IsPostgres(tx) {
		_, err := tx.NewRaw(`SELECT setval(pg_get_serial_sequence(?0, 'id'), greatest(?1::bigint, (SELECT max(id) FROM ?2),
			pg_sequence_last_value(pg_get_serial_sequence(?0, 'id')::regclass)))`, table, last, bun.Ident(table)).Exec(ctx)
		return err
	}
	// SQLite makes a table's row at its first insert.
	_, err := tx.NewRaw("INSERT INTO sqlite_sequence (name, seq) SELECT ?0, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?0)", table).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", last, table).Exec(ctx)
	return err
}
