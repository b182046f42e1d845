package main

import (
	"bytes"
	"context"
	"errors"
	"io"
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
	t   *testing.T
	url string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	t.Chdir(t.TempDir())
	return &desk{t, modelstest.URL(t)}
}

// run pipes typed into a command line.
func (d *desk) run(typed string, args ...string) (string, error) {
	d.t.Helper()
	var out bytes.Buffer
	environ := []string{"DJANGO_DEBUG=1", "DATABASE_URL=" + d.url}
	err := run(context.Background(), args, environ, strings.NewReader(typed), &out, &out)
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
