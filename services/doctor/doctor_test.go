package doctor

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digitalpath/config"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

func TestFullDiskIsNamedBeforeItHurts(t *testing.T) {
	t.Parallel()
	const gb = 1 << 30
	for _, test := range []struct {
		free, total uint64
		want        State
	}{
		{50 * gb, 100 * gb, OK}, {gb / 2, 100 * gb, Warning}, {gb / 100, 100 * gb, Failed},
		{gb / 2, gb, OK}, {gb / 20, gb, Warning}, {gb / 200, gb, Failed},
	} {
		d := &Doctor{Config: &config.Config{DatabaseURL: "sqlite:////srv/data/x.db"}, Space: func(path string) (uint64, uint64, error) {
			if path != "/srv/data" {
				t.Errorf("looked at %s", path)
			}
			return test.free, test.total, nil
		}}
		found := d.disk(context.Background())
		if len(found) != 1 || found[0].State != test.want || test.want != OK && !strings.HasPrefix(found[0].Remedy.String(), "df -h /srv/data") {
			t.Errorf("%d of %d free: %+v", test.free, test.total, found)
		}
	}
}

func TestClockThatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	db := modelstest.New(t)
	if !models.IsPostgres(db) {
		t.Skip("SQLite has no clock of its own")
	}
	for ahead, want := range map[time.Duration]State{0: OK, 5 * time.Second: OK, 2 * time.Minute: Failed, -2 * time.Minute: Failed} {
		d := &Doctor{DB: db, Now: func() time.Time { return time.Now().Add(ahead) }}
		if found := d.clock(context.Background()); len(found) != 1 || found[0].State != want {
			t.Errorf("%s ahead: %+v", ahead, found)
		}
	}
}

func TestFolderThatTakesNothingIsNamed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	url := "sqlite:///" + filepath.Join(folder, "x.db")
	db, err := models.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // its file is gone
	d := &Doctor{Config: &config.Config{DatabaseURL: url}, DB: db}
	if found := d.database(context.Background()); found[0].State != OK {
		t.Fatalf("before: %+v", found)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if found := d.database(context.Background()); found[0].State != Failed || !strings.Contains(found[0].Evidence.String(), "takes no changes") || found[0].Remedy.Format != "df -h . && ls -ld ." {
		t.Errorf("got %+v", found)
	}
}

func TestProvidersAreAskedWhetherTheyKnowUs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, id, backend string
		known             bool
		err               error
		state             State
		evidence, remedy  string
	}{
		{"turned off", "", "https://api.example.com", false, nil, OK, "enter https://api.example.com/accounts/google/login/callback/ in its console", ""},
		{"known", "us", "https://api.example.com", true, nil, OK, "knows these credentials", ""},
		{"unknown", "us", "https://api.example.com", false, nil, Failed, "does not know these credentials", "GOOGLE_CLIENT_ID=...\nGOOGLE_CLIENT_SECRET=..."},
		{"out of reach", "us", "https://api.example.com", false, errors.New("no route"), Failed, "Google does not answer: no route", "curl -sI https://accounts.google.com https://github.com"},
		{"at no fixed address", "us", "", true, nil, Warning, "BACKEND_URL is not set", "BACKEND_URL=https://www.example.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			own, err := url.Parse(test.backend)
			if err != nil {
				t.Fatal(err)
			}
			d := &Doctor{Config: &config.Config{GoogleID: test.id, BackendURL: *own, AllowedHosts: []string{"www.example.com"}}}
			d.Provider = func(context.Context, string) (bool, error) { return test.known, test.err }
			for _, f := range d.social(context.Background()) {
				if f.State == test.state && strings.Contains(f.Evidence.String(), test.evidence) && f.Remedy.String() == test.remedy {
					return
				}
			}
			t.Errorf("got %+v", d.social(context.Background()))
		})
	}
}

func TestPasswordsThatCouldNotBeTriedAreNotCalledGood(t *testing.T) {
	t.Parallel()
	d := &Deploy{Guessable: func(context.Context) ([]string, error) { return nil, context.DeadlineExceeded }}
	if found := d.passwords(context.Background()); len(found) != 1 || found[0].State != Warning || found[0].Remedy.String() != "digitalpath doctor --deploy" {
		t.Errorf("got %+v", found)
	}
}

func TestHTTPSIsHeldAgainstWhatABrowserIsTold(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"Strict-Transport-Security": "max-age=31536000", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Content-Security-Policy": "default-src 'self'", "Set-Cookie": "a=b; Secure; HttpOnly",
	}
	for _, test := range []struct {
		missing, instead string
		want             State
	}{{"", "", OK}, {"Strict-Transport-Security", "", Failed}, {"Referrer-Policy", "", Failed}, {"Set-Cookie", "a=b; HttpOnly", Failed}} {
		d := &Deploy{Doctor: &Doctor{Config: &config.Config{AllowedHosts: []string{"api.example.com"}}}}
		d.Ask = func(_ context.Context, url string) (Page, error) {
			if url != "https://api.example.com/admin/login/" {
				t.Errorf("asked %s", url)
			}
			return Page{Status: 200, Header: func(name string) string {
				if name == test.missing {
					return test.instead
				}
				return good[name]
			}}, nil
		}
		found := d.https(context.Background())
		if len(found) != 1 || found[0].State != test.want || !strings.Contains(found[0].Evidence.String(), test.missing) {
			t.Errorf("without %s: %+v", test.missing, found)
		}
	}
}
