package models_test

import (
	"testing"

	"digitalpath/models"
	"digitalpath/models/modelstest"
)

func TestStatementWithArgsIsPlannedOnce(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	if !models.IsPostgres(db) {
		t.Skip("SQLite has no round trip to spare")
	}
	db.SetMaxOpenConns(1)
	for i := range 3 {
		args := new(models.Args)
		var name string
		query := db.NewSelect().ColumnExpr("?::text || ?", args.Of("a"), args.Of(string(rune('x'+i))))
		if err := query.Scan(args.In(t.Context()), &name); err != nil || name != "a"+string(rune('x'+i)) {
			t.Fatalf("%q: %v", name, err)
		}
	}
	var plans, kept int
	err := db.NewRaw("SELECT count(*), coalesce(sum(generic_plans + custom_plans), 0) FROM pg_prepared_statements WHERE statement LIKE '%$1::text%' AND NOT from_sql").
		Scan(t.Context(), &kept, &plans)
	if err != nil || kept != 1 || plans != 3 {
		t.Errorf("%d statements were kept and ran %d times, want 1 and 3: %v", kept, plans, err)
	}
}

func TestKeptStatementOutlivesAMigration(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	if !models.IsPostgres(db) {
		t.Skip("SQLite keeps none")
	}
	db.SetMaxOpenConns(1)
	for _, change := range []string{"CREATE TABLE changed (word varchar(10))", "ALTER TABLE changed ALTER word TYPE text"} {
		if _, err := db.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		args, words := new(models.Args), []string{}
		if err := db.NewSelect().TableExpr("changed").Column("word").Where("word <> ?", args.Of("a")).Scan(args.In(t.Context()), &words); err != nil {
			t.Error(err)
		}
	}
}

// What it takes to compile the counts of a list is longer than they are.
func TestStatementsAreNotCompiled(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	if !models.IsPostgres(db) {
		t.Skip("SQLite compiles none")
	}
	var jit string
	if err := db.NewRaw("SHOW jit").Scan(t.Context(), &jit); err != nil || jit != "off" {
		t.Errorf("jit is %q: %v", jit, err)
	}
}
