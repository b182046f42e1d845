package handlerstest

import (
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// StartTime is how long a process may take until it answers. It is long because
// many start at once in a parallel run.
const StartTime = 60 * time.Second

// App is a running `digitalpath serve` with what belongs to it.
type App struct {
	*Process
	URL         string // http://127.0.0.1:PORT
	DatabaseURL string
	DB          *bun.DB
	Mails       *Mailbox // what the mail server of the test took
	Redis       *Redis   // nil: embedded in the program

	t       testing.TB
	env     []string
	figures figures

	document *atomic.Pointer[document] // what the program says of its API; of nil: it was not asked, or does not tell
}

// Start runs the program on a database, Redis and mail server of its own, with
// rate limits off, attempts to send a second apart and mail of staff sent at once, and waits until it answers.
// env overrides, as KEY=value.
func Start(t testing.TB, env ...string) *App {
	t.Helper()
	a := Prepare(t, env...)
	a.Serve()
	return a
}

// Prepare is Start without the start.
func Prepare(t testing.TB, env ...string) *App {
	t.Helper()
	return PrepareOn(t, modelstest.Migrated(t), env...)
}

// PrepareOn is Prepare on a database that is there already.
func PrepareOn(t testing.TB, url string, env ...string) *App {
	t.Helper()
	a := &App{t: t, DatabaseURL: url, Mails: NewMailbox(t), document: new(atomic.Pointer[document])}
	db, err := models.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	a.DB = db
	t.Cleanup(a.reportFigures)
	a.env = []string{
		"DJANGO_DEBUG=1", "PORT=0", "DATABASE_URL=" + url, "WORKERS_IN_PROCESS=1",
		"EMAIL_HOST=127.0.0.1", "EMAIL_PORT=" + a.Mails.Port(), "EMAIL_USE_TLS=0",
		"DEFAULT_FROM_EMAIL=noreply@digitalpath.test", "CONTACT_RECIPIENTS=" + Recipient,
		"RATE_LIMIT_CONTACT=off", "RATE_LIMIT_LOGIN_FAILED=off", "MAIL_RETRY_DELAY=1s", "MAIL_UNDO_TIME=0s",
	}
	if os.Getenv("TEST_REDIS_URL") != "" {
		a.Redis = NewRedis(t)
		a.env = append(a.env, "CELERY_BROKER_URL="+a.Redis.URL)
	}
	a.env = append(a.env, env...) // the last one of a name wins
	return a
}

// Recipient is who gets contact messages.
const Recipient = "staff@digitalpath.test"

// Listening tells whether the web process takes connections.
func (a *App) Listening() bool {
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
	if err != nil {
		return false
	}
	_ = conn.Close() // it was opened to see that it can be
	return true
}

// Connections is how many clients the web process is connected to.
func (a *App) Connections() int {
	a.t.Helper()
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		a.t.Fatal(err)
	}
	port, err := strconv.Atoi(a.URL[strings.LastIndexByte(a.URL, ':')+1:])
	if err != nil {
		a.t.Fatal(err)
	}
	// local address, remote address, state 01: established
	return len(regexp.MustCompile(fmt.Sprintf(`(?m)^ *\d+: [0-9A-F]+:%04X [0-9A-F]+:[0-9A-F]+ 01 `, port)).FindAll(table, -1))
}

// Env is the environment that the program gets, with overrides.
func (a *App) Env(overrides ...string) []string { return slices.Concat(a.env, overrides) }

// Serve starts the web process (again) and waits until it answers.
func (a *App) Serve(overrides ...string) {
	a.t.Helper()
	a.Mails.begin()
	a.Process = Spawn(a.t, a.Env(overrides...), "serve")
	address := ""
	Eventually(a.t, StartTime, "serve tells its address", func() bool {
		if match := listening.FindStringSubmatch(a.Log()); match != nil {
			address = "http://127.0.0.1:" + match[1]
		}
		if address == "" && !a.Running() {
			a.t.Fatalf("serve ended with %d:\n%s", a.Wait(0), a.Log())
		}
		return address != ""
	})
	if a.URL != address { // with a PORT of its own, requests may go on while it starts again
		a.URL = address
	}
	Eventually(a.t, StartTime, "serve answers /healthz", func() bool {
		answer, err := a.try("GET", "/healthz", "")
		return err == nil && answer.Status == 200
	})
	if len(overrides) > 0 { // they may change what it says of its API
		a.document.Store(nil)
	}
}

// listening finds the port in the line that says where the program listens.
var listening = regexp.MustCompile(`listening.*?:([0-9]+)`)

// Worker starts a worker process and waits until it works. The web process does
// not send where it was started with WORKERS_IN_PROCESS=0.
func (a *App) Worker(overrides ...string) *Process {
	a.t.Helper()
	worker := Spawn(a.t, a.Env(overrides...), "worker")
	Eventually(a.t, StartTime, "the worker is ready", func() bool {
		if !worker.Running() {
			a.t.Fatalf("worker ended with %d:\n%s", worker.Wait(0), worker.Log())
		}
		return strings.Contains(worker.Log(), "working")
	})
	return worker
}

// ServeWithSender is Serve with the process that sends mail apart from the web
// process, where there is a Redis between them. With the embedded one the web
// process is the sender, and what hits the sender hits both.
func (a *App) ServeWithSender() (sender *Process) {
	a.t.Helper()
	if a.Redis == nil {
		a.Serve()
		return a.Process
	}
	a.env = append(a.env, "WORKERS_IN_PROCESS=0")
	a.Serve()
	return a.Worker()
}

// NewSender replaces a sender that was killed.
func (a *App) NewSender() *Process {
	if a.Redis == nil {
		a.Serve()
		return a.Process
	}
	return a.Worker()
}

// NeedsServers skips the test where there is no PostgreSQL and Redis.
func NeedsServers(t testing.TB) {
	t.Helper()
	if os.Getenv("TEST_REDIS_URL") == "" || os.Getenv("TEST_DATABASE_URL") == "" {
		t.Skip("needs TEST_DATABASE_URL and TEST_REDIS_URL: processes that share a database and a queue")
	}
}
