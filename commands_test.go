package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/accounts"
)

// desk runs command lines on one database, in a folder of its own.
type desk struct {
	t       *testing.T
	url     string
	environ []string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	t.Chdir(t.TempDir())
	url := modelstest.URL(t)
	return &desk{t, url, []string{"DJANGO_DEBUG=1", "DATABASE_URL=" + url}}
}

// run pipes typed into a command line.
func (d *desk) run(typed string, args ...string) (string, error) {
	d.t.Helper()
	var out bytes.Buffer
	err := run(context.Background(), args, d.environ, strings.NewReader(typed), &out, &out)
	return out.String(), err
}

// wantPassword looks up the account and tries the password on it.
func (d *desk) wantPassword(username, password string) {
	d.t.Helper()
	db, err := models.Open(d.url)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			d.t.Error(err)
		}
	}()
	user, err := models.UserByLogin(context.Background(), db, username)
	if err != nil {
		d.t.Fatalf("find %s: %v", username, err)
	}
	good, err := accounts.NewPasswords(1).Verify(context.Background(), user.Password, password, func() error { return nil })
	if err != nil || !good {
		d.t.Errorf("%q is not the password of %s (%v)", password, username, err)
	}
}

func TestPasswordOfTheSettingsIsKeptAsItIs(t *testing.T) {
	d := newDesk(t)
	if err := os.WriteFile(".env", []byte(`DJANGO_SUPERUSER_PASSWORD=" spaced password 77 "`), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := d.run("", "createsuperuser", "--username", "Ann", "--email", "ann@example.com", "--noinput"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d.wantPassword("Ann", " spaced password 77 ")
}

func TestPipedPasswordIsKeptAsItIs(t *testing.T) {
	for _, test := range []struct{ name, typed, password string }{
		{"blanks at both ends", "  Ann \n ann@example.com \n spaced password 77 \n spaced password 77 \n", " spaced password 77 "},
		{"no end of the last line", "Ann\nann@example.com\nspaced password 77\nspaced password 77", "spaced password 77"},
		{"lines of Windows", "Ann\r\nann@example.com\r\nspaced password 77\r\nspaced password 77\r\n", "spaced password 77"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			if out, err := d.run(test.typed, "createsuperuser"); err != nil {
				t.Fatalf("createsuperuser: %v\n%s", err, out)
			}
			d.wantPassword("Ann", test.password)
			if out, err := d.run(" another password 78 \n another password 78 ", "changepassword", "Ann"); err != nil {
				t.Fatalf("changepassword: %v\n%s", err, out)
			}
			d.wantPassword("Ann", " another password 78 ")
		})
	}
}

func TestMigrateDownSaysWhatItDeletesAndAsks(t *testing.T) {
	d := newDesk(t)
	d.environ = append(d.environ, "DJANGO_SUPERUSER_PASSWORD=swordfish hat 77")
	if out, err := d.run("", "createsuperuser", "--noinput", "--username", "Ann", "--email", "ann@example.com"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, answer := range []string{"", "\n", "no\n", "y\n"} {
		out, err := d.run(answer, "migrate", "down", "99")
		if err == nil || !strings.Contains(out, "table users (rows: 1)") || !strings.Contains(out, "20261123000001") || !strings.Contains(out, "--yes") {
			t.Errorf("answer %q: %v\n%s", answer, err, out)
		}
		d.wantPassword("Ann", "swordfish hat 77")
	}
	out, err := d.run("yes\n", "migrate", "down")
	if err != nil || strings.Count(out, "Took back") != 1 || strings.Contains(out, "table users (") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := d.run("", "migrate", "down", "99", "--yes"); err != nil || !strings.Contains(out, "Took back 20261123000001") || strings.Contains(out, "Type yes") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := d.run("", "migrate", "down", "99"); err != nil || out != "Nothing to do.\n" {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := d.run("", "migrate", "status"); err != nil || strings.Contains(out, "UTC") {
		t.Errorf("not all is taken back: %v\n%s", err, out)
	}
}

func TestBusyPortIsFoundBeforeAnythingIsMigrated(t *testing.T) {
	d := newDesk(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }() // nobody connects
	port := busy.Addr().(*net.TCPAddr).Port
	d.environ = append(d.environ, fmt.Sprintf("PORT=%d", port))
	out, err := d.run("", "serve")
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("PORT %d is in use", port)) || !strings.Contains(err.Error(), fmt.Sprintf("PORT=%d", port+1)) {
		t.Errorf("got %v\n%s", err, out)
	}
	if out, err := d.run("", "migrate", "status"); err != nil || strings.Contains(out, "UTC") {
		t.Errorf("something is migrated: %v\n%s", err, out)
	}
}

// In one order: who mends one fault finds the others where they were.
func TestFaultsOfSeveralFieldsComeInOrder(t *testing.T) {
	d := newDesk(t)
	d.environ = append(d.environ, "DJANGO_SUPERUSER_PASSWORD=1")
	for range 10 {
		_, err := d.run("", "createsuperuser", "--noinput", "--username", "a b", "--email", "nobody")
		if err == nil {
			t.Fatal("it was made")
		}
		var fields []string
		for line := range strings.Lines(sentence(err)) {
			field, _, _ := strings.Cut(line, ":")
			fields = append(fields, field)
		}
		if len(fields) < 3 || !slices.IsSorted(fields) {
			t.Fatalf("got:\n%s", sentence(err))
		}
	}
}

func TestLogLevelSaysWhatIsLogged(t *testing.T) {
	d := newDesk(t)
	d.environ = append(d.environ, "EMAIL_HOTS=x")
	for level, logged := range map[string]bool{"": true, "warn": true, "error": false} {
		out, err := (&desk{t, d.url, append(d.environ, "LOG_LEVEL="+level)}).run("", "migrate", "status")
		if err != nil || strings.Contains(out, "EMAIL_HOTS") != logged {
			t.Errorf("level %q: %v\n%s", level, err, out)
		}
	}
}

func TestPoolIsAsLargeAsSet(t *testing.T) {
	t.Chdir(t.TempDir())
	for url, want := range map[string]int{"postgresql://u@127.0.0.1:1/x": 7, "sqlite:///x.db": 1} {
		p := &program{environ: []string{"DJANGO_DEBUG=1", "DATABASE_POOL_SIZE=7", "DATABASE_URL=" + url}, errOut: io.Discard}
		d, err := p.open()
		if err != nil {
			t.Fatal(err)
		}
		if got := d.db.Stats().MaxOpenConnections; got != want {
			t.Errorf("%s: %d connections, want %d", url, got, want)
		}
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestMissingArgumentIsNamed(t *testing.T) {
	if _, err := newDesk(t).run("", "backup"); err == nil || err.Error() != "it takes one argument: digitalpath backup FILE [flags]" {
		t.Errorf("got %v", err)
	}
}

func TestMissingAnswerIsAnError(t *testing.T) {
	d := newDesk(t)
	if _, err := d.run("Ann\nann@example.com\n", "createsuperuser"); !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "Password") {
		t.Errorf("got %v", err)
	}
}

func TestFaultsOfSeveralFieldsPrintInOneOrder(t *testing.T) {
	d := newDesk(t)
	for range 10 {
		_, err := d.run("a b\nann\n77\n77\n", "createsuperuser")
		if err == nil {
			t.Fatal("such an account was made")
		}
		var fields []string
		for line := range strings.Lines(sentence(err)) {
			field, _, _ := strings.Cut(line, ":")
			fields = append(fields, field)
		}
		if fields = slices.Compact(fields); !slices.Equal(fields, []string{"email", "password", "username"}) {
			t.Fatalf("the faults of %v:\n%s", fields, sentence(err))
		}
	}
}

func TestChangepasswordOfNobodyAsksNothing(t *testing.T) {
	out, err := newDesk(t).run("", "changepassword", "nobody")
	if err == nil || !strings.Contains(err.Error(), `no user "nobody"`) || strings.Contains(out, "Password") {
		t.Errorf("got %v and:\n%s", err, out)
	}
}

// Whatever ends the questions, the terminal is then as it was: what the person types
// next is seen.
func TestInterruptAtAQuestionEndsTheCommand(t *testing.T) {
	t.Parallel()
	untilPassword := []string{"Username: ", "ann\n", "E-mail: ", "ann@example.com\n", "Password: "}
	for _, test := range []struct {
		name     string
		dialogue []string // a question, what is typed, the next question ...
		signal   os.Signal
		code     int
	}{
		{"Enter at each", append(slices.Clone(untilPassword), "swordfish hat 77\r", "(again): ", "swordfish hat 77\r", "Superuser", ""), nil, 0},
		{"Ctrl-C at a name", []string{"Username: ", "an\x03"}, nil, 1},
		{"Ctrl-C at a password", append(slices.Clone(untilPassword), "\x03"), nil, 1},
		{"Ctrl-C at its repetition", append(slices.Clone(untilPassword), "swordfish 77\r", "(again): ", "sword\x03"), nil, 1},
		{"SIGTERM at a password", append(slices.Clone(untilPassword), "swordfish"), syscall.SIGTERM, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			person := newPerson(t, "createsuperuser")
			person.talk(test.dialogue)
			if test.signal != nil {
				if err := person.program.Process.Signal(test.signal); err != nil {
					t.Fatal(err)
				}
			}
			person.wantEnd(test.code)
		})
	}
}

// person types to a program at a terminal.
type person struct {
	t         *testing.T
	keys, tty *os.File // the terminal's two sides
	before    *term.State
	program   *exec.Cmd
}

func newPerson(t *testing.T, args ...string) *person {
	t.Helper()
	p := &person{t: t, program: exec.Command(handlerstest.Binary(t), args...)}
	var err error
	if p.keys, p.tty, err = pty.Open(); err != nil {
		t.Fatalf("open a terminal: %v", err)
	}
	t.Cleanup(func() { _ = errors.Join(p.keys.Close(), p.tty.Close()) }) // nobody looks any more
	if p.before, err = term.GetState(int(p.tty.Fd())); err != nil {
		t.Fatal(err)
	}
	p.program.Dir, p.program.Env = t.TempDir(), []string{"DJANGO_DEBUG=1"}
	p.program.Stdin, p.program.Stdout, p.program.Stderr = p.tty, p.tty, p.tty
	p.program.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.program.Start(); err != nil {
		t.Fatal(err)
	}
	overdue := time.AfterFunc(handlerstest.StartTime, func() { _ = p.program.Process.Kill() })
	t.Cleanup(func() {
		overdue.Stop()
		_ = p.program.Process.Kill() // it may have ended
	})
	return p
}

// talk types each answer when its question stands there.
func (p *person) talk(dialogue []string) {
	p.t.Helper()
	if err := p.keys.SetReadDeadline(time.Now().Add(handlerstest.StartTime)); err != nil {
		p.t.Fatal(err)
	}
	var screen string
	buffer := make([]byte, 1024)
	for pair := range slices.Chunk(dialogue, 2) {
		question, typed := pair[0], pair[1]
		for !strings.Contains(screen, question) {
			n, err := p.keys.Read(buffer)
			if err != nil {
				p.t.Fatalf("%q was not asked (%v):\n%s", question, err, screen)
			}
			screen += string(buffer[:n])
		}
		if _, err := p.keys.WriteString(typed); err != nil {
			p.t.Fatal(err)
		}
	}
	if strings.Contains(screen, "swordfish") {
		p.t.Errorf("the password is shown:\n%s", screen)
	}
}

func (p *person) wantEnd(code int) {
	p.t.Helper()
	_ = p.program.Wait() // its result is in ProcessState
	if got := p.program.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
	after, err := term.GetState(int(p.tty.Fd()))
	if err != nil || !reflect.DeepEqual(p.before, after) {
		p.t.Errorf("the terminal is not as it was (%v)", err)
	}
}
