package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/contact"
)

// suspicious is the address of a PostgreSQL server that lets nobody in.
func suspicious(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // nobody comes any more
	refuse := func(conn net.Conn) {
		defer func() { _ = conn.Close() }() // the client may have left
		server := pgproto3.NewBackend(conn, conn)
		if _, err := server.ReceiveStartupMessage(); err != nil {
			return
		}
		server.Send(&pgproto3.AuthenticationCleartextPassword{})
		if server.Flush() != nil || server.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
			return
		}
		if _, err := server.Receive(); err != nil {
			return
		}
		server.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: `password authentication failed for user "ada"`})
		_ = server.Flush() // or not: the client does not get in
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go refuse(conn)
		}
	}()
	return "postgresql://ada:hunter2@" + listener.Addr().String() + "/digitalpath?sslmode=disable"
}

func TestRefusedPasswordOfTheDatabaseIsOneSentence(t *testing.T) {
	t.Parallel()
	const refused = `password authentication failed for user "ada"`
	url := suspicious(t)
	environ := []string{"DATABASE_URL=" + url, frontendAllowed, "DJANGO_DEBUG=1"}
	examine(t, environ).wantFault("database", "failed", refused, "ALTER ROLE ada PASSWORD")
	for _, command := range [][]string{{"migrate", "up"}, {"backup", "nowhere"}, {"import-django", "--from", url}} {
		target := environ
		if command[0] == "import-django" {
			target = on(modelstest.Migrated(t))
		}
		program := handlerstest.Spawn(t, target, command...)
		if code := program.Wait(handlerstest.StartTime); code != 1 || strings.Count(strings.TrimSpace(program.Log()), "\n") > 0 ||
			!strings.Contains(program.Log(), "does not answer") || !strings.Contains(program.Log(), refused) || strings.Contains(program.Log(), "hunter2") {
			t.Errorf("%s ended with %d:\n%s", command[0], code, program.Log())
		}
	}
	serve := handlerstest.Spawn(t, append(environ, "PORT=0"), "serve")
	handlerstest.Eventually(t, handlerstest.StartTime, "it says why it waits", func() bool {
		return strings.Contains(serve.Log(), `msg="waiting for the database" error="password authentication failed for user \"ada\""`)
	})
}

func TestDoctorNamesAFileThatIsNoDatabase(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "digitalpath.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"DJANGO_DEBUG=1", frontendAllowed, "DATABASE_URL=sqlite:///" + file}
	examine(t, environ).wantFault("database", "failed", "not a database", "ls -l "+file)
	folder := "DATABASE_URL=sqlite:///" + filepath.Dir(file)
	examine(t, append(environ, folder)).want("settings", "failed", "DATABASE_URL names a file that cannot be opened", "")
}

func TestDoctorNamesMailThatNobodySends(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t, frontendAllowed)
	mail := models.OutboxMessage{
		Kind: contact.MailNotice, ObjectID: 1, Recipient: handlerstest.Recipient, MessageID: "old@digitalpath.test", State: models.MailPending,
		Status: models.ContactPending, MaxAttempts: 4, QueuedAt: now(), NextAttemptAt: now().Add(-time.Hour), CreatedAt: now(), UpdatedAt: now(),
	}
	if _, err := app.DB.NewInsert().Model(&mail).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	examine(t, app.Env()).want("outbox", "failed", "1 mails wait, the oldest for 1h0m", "digitalpath worker")
}

func TestDoctorNamesMailThatFailedForGood(t *testing.T) {
	t.Parallel()
	app := handlerstest.Prepare(t, frontendAllowed)
	app.Mails.OnMail = func(int) error { return handlerstest.Reply(550, "no such box") }
	app.Serve()
	app.MustSubmit("Ann")
	var d diagnosis
	handlerstest.Eventually(t, handlerstest.StartTime, "the mail is given up", func() bool {
		d = examine(t, app.Env())
		return d.code != 0
	})
	d.wantFault("outbox", "warning", "1 mails failed for good", "Status: Failed, Send again")
}

func TestDeployNamesAnAPIThatDoesNotAnswerAsItShould(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	app := production(t)
	d := examine(t, app.Env("BACKEND_URL="+other.URL), "--deploy")
	d.want("endpoints", "failed", "/api/hello answers 404", "curl -si "+other.URL+"/api/hello")
	examine(t, app.Env("BACKEND_URL=https://127.0.0.1:1"), "--deploy").want("https", "failed", "cannot be reached", "curl -sI https://127.0.0.1:1/healthz")
}
