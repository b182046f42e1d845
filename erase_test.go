package main

import (
	"strings"
	"testing"

	"digitalpath/models"
)

func TestErasePersonSaysWhatGoesAndAsks(t *testing.T) {
	d := newDesk(t)
	d.environ = append(d.environ, "DJANGO_SUPERUSER_PASSWORD=swordfish hat 77")
	for _, name := range []string{"Ann", "Bob"} {
		if out, err := d.run("", "createsuperuser", "--noinput", "--username", name, "--email", name+"@example.com"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	db, err := models.Open(d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // read only
	left := func() (n int64) {
		t.Helper()
		n, err := db.NewSelect().Model((*models.User)(nil)).Where("username = 'Ann'").Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := db.NewInsert().Model(&models.WaitlistEntry{Email: "ann@example.com"}).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"", "no\n", "y\n"} {
		out, err := d.run(typed, "erase-person", "ANN@example.com")
		if err == nil || !strings.Contains(out, "users: 1, deleted") || !strings.Contains(out, "waitlist_entries: 1, deleted") || left() != 1 {
			t.Errorf("answer %q: %v\n%s", typed, err, out)
		}
	}
	if out, err := d.run("yes\n", "erase-person", "ANN@example.com"); err != nil || !strings.Contains(out, "Erased.") || left() != 0 {
		t.Errorf("%v, %d left\n%s", err, left(), out)
	}
	if out, err := d.run("", "erase-person", "bob@example.com", "--yes"); err != nil || strings.Contains(out, "Type yes") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := d.run("", "erase-person", "bob"); err == nil || !strings.Contains(err.Error(), "valid e-mail address") {
		t.Errorf("%v\n%s", err, out)
	}
}
