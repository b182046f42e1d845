package handlerstest

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"digitalpath/models"
)

// NewPooler starts a PgBouncer in transaction mode before a PostgreSQL database and
// returns the DATABASE_URL that leads through it. It has two connections to the
// database for all who come, and gives each transaction any of them.
func NewPooler(t testing.TB, databaseURL string) string {
	t.Helper()
	if os.Getenv("TEST_FAULTS") == "" {
		t.Skip("brings a PgBouncer of its own: TEST_FAULTS is not set")
	}
	// Debian keeps it where only root's PATH leads.
	binary, err := exec.LookPath("/usr/sbin/pgbouncer")
	if err != nil {
		t.Skip("needs Debian's pgbouncer")
	}
	database, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	port := FreePort(t)
	command := exec.Command(binary, poolerConfig(t, database, port)) // #nosec G204 -- a test's own
	command.SysProcAttr = new(syscall.SysProcAttr)
	if notOrphaned != nil {
		*command.SysProcAttr = *notOrphaned
	}
	command.SysProcAttr.Credential = postgresUser(t)
	log := new(output)
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatalf("start pgbouncer: %v", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()         // "signal: killed" is what was asked for
		if t.Failed() {
			t.Logf("pgbouncer's log:\n%s", log)
		}
	})
	database.Host = "127.0.0.1:" + port
	db, err := models.Open(database.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was opened to see that it can be
	Eventually(t, StartTime, "pgbouncer answers", func() bool { return db.Ping() == nil })
	return database.String()
}

func poolerConfig(t testing.TB, database *url.URL, port string) (path string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "pooler") // t.TempDir is not for another user's eyes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // what is left is a file of some bytes
	login := "user=" + database.User.Username()
	if password, ok := database.User.Password(); ok {
		login += " password=" + password
	}
	text := fmt.Sprintf(`[databases]
%s = host=%s port=%s %s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
server_reset_query =
`, strings.TrimPrefix(database.Path, "/"), database.Hostname(), database.Port(), login, port)
	path = filepath.Join(folder, "pgbouncer.ini")
	for _, err := range []error{os.WriteFile(path, []byte(text), 0o644), os.Chmod(folder, 0o755)} { // #nosec G302 G306 -- read by another user
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// postgresUser is who PgBouncer runs as where the test is root's: it refuses root.
func postgresUser(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	postgres, err := user.Lookup("postgres")
	if err != nil {
		t.Skip("pgbouncer refuses root, and there is no user postgres")
	}
	uid, uidErr := strconv.ParseUint(postgres.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(postgres.Gid, 10, 32)
	if uidErr != nil || gidErr != nil {
		t.Fatalf("postgres is user %s of group %s", postgres.Uid, postgres.Gid)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
