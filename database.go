package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun"

	"digitalpath/config"
	"digitalpath/models"
)

func openDatabase(c *config.Config) (*bun.DB, error) {
	if path, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:///"); ok {
		if err := makeFile(path); err != nil {
			return nil, fmt.Errorf("DATABASE_URL names a file that cannot be opened (%w): write it as sqlite:///path, or sqlite:////path from the root", err)
		}
	}
	db, err := models.Open(c.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if models.IsPostgres(db) { // SQLite has one writer
		db.SetMaxOpenConns(int(c.PoolSize))
		db.SetMaxIdleConns(int(c.PoolSize))
	}
	return db, nil
}

// makeFile makes SQLite's file and its folder where they lack. A path that cannot be
// one is found here: waiting for the database would never end.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // #nosec G304 -- the operator names it in DATABASE_URL
	if err != nil {
		return err
	}
	return file.Close()
}
