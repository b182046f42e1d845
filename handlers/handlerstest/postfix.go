package handlerstest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// NewPostfix starts Debian's Postfix, with settings as main.cf has them over what a
// server for the domain example.test needs, and ends it with the test. Of the domain
// it knows ada and josé.
func NewPostfix(t testing.TB, settings ...string) *RealServer {
	t.Helper()
	if os.Getenv("TEST_FAULTS") == "" {
		t.Skip("brings a Postfix of its own: TEST_FAULTS is not set")
	}
	if os.Getuid() != 0 {
		t.Skip("Postfix is started by root only")
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		t.Skip("needs Debian's postfix")
	}
	folder, err := os.MkdirTemp("", "postfix") // t.TempDir is not for another user's eyes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // what is left are some files
	s := &RealServer{t: t, Port: FreePort(t), dir: filepath.Join(folder, "mail", "*")}
	configurePostfix(t, folder, owner, s.Port, settings)
	// Debian keeps it where only root's PATH leads.
	server := exec.Command("/usr/sbin/postfix", "-c", folder, "start-fg") // #nosec G204 -- a test's own
	server.SysProcAttr = notOrphaned
	server.WaitDelay = 5 * time.Second // its log may be held open
	log := new(output)
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatalf("start postfix: %v", err)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("/usr/sbin/postfix", "-c", folder, "abort").CombinedOutput(); err != nil { // #nosec G204 -- a test's own
			t.Errorf("end postfix: %v: %s", err, out)
		}
		_ = server.Wait() // its end is what was asked for
		if t.Failed() {
			t.Logf("postfix's log:\n%s", log)
		}
	})
	Eventually(t, StartTime, "postfix listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+s.Port)
		if err == nil {
			_ = conn.Close() // it was opened to see that it can be
		}
		return err == nil
	})
	return s
}

func configurePostfix(t testing.TB, folder string, owner *user.User, port string, settings []string) {
	t.Helper()
	main := fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.test
mydestination =
virtual_mailbox_domains = example.test
virtual_mailbox_base = %[1]s/mail
virtual_mailbox_maps = inline:{ {ada@example.test = ada/}, {josé@example.test = jose/} }
virtual_uid_maps = static:%[2]s
virtual_gid_maps = static:%[3]s
smtpd_relay_restrictions = reject_unauth_destination
%[4]s
`, folder, owner.Uid, owner.Gid, strings.Join(settings, "\n"))
	master := "127.0.0.1:" + port + ` inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`
	if err := os.Chmod(folder, 0o755); err != nil { // #nosec G302 -- read by another user
		t.Fatal(err)
	}
	for name, text := range map[string]string{"main.cf": main, "master.cf": master} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil { // #nosec G306 -- likewise
			t.Fatal(err)
		}
	}
	for _, name := range []string{"spool", "data", "mail"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil { // #nosec G301 -- likewise
			t.Fatal(err)
		}
	}
	for _, name := range []string{"data", "mail"} {
		if out, err := exec.Command("chown", owner.Username, filepath.Join(folder, name)).CombinedOutput(); err != nil { // #nosec G204 -- a test's own
			t.Fatalf("%v: %s", err, out)
		}
	}
}
