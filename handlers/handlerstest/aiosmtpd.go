package handlerstest

import (
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// RealServer is Debian's aiosmtpd, a mail server that is not ours.
type RealServer struct {
	Port string

	t   testing.TB
	dir string
}

// python is Debian's own: another one lacks Debian's packages.
const python = "/usr/bin/python3"

// HasRealServer tells whether one can be started.
func HasRealServer() bool { return exec.Command(python, "-c", "import aiosmtpd").Run() == nil }

// NewRealServer starts one, and ends it with the test.
func NewRealServer(t testing.TB) *RealServer {
	t.Helper()
	if !HasRealServer() {
		t.Skip("needs Debian's python3-aiosmtpd")
	}
	s := &RealServer{t: t, Port: FreePort(t), dir: filepath.Join(t.TempDir(), "maildir")}
	server := exec.Command(python, "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:"+s.Port, "-c", "aiosmtpd.handlers.Mailbox", s.dir)
	server.SysProcAttr = notOrphaned
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Process.Kill(); err != nil {
			t.Errorf("end aiosmtpd: %v", err)
		}
		_ = server.Wait() // "signal: killed" is what was asked for
	})
	Eventually(t, StartTime, "aiosmtpd listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+s.Port)
		if err == nil {
			_ = conn.Close() // it was opened to see that it can be
		}
		return err == nil
	})
	return s
}

// Mails are the headers of what it took.
func (s *RealServer) Mails() []mail.Header {
	s.t.Helper()
	var all []mail.Header
	for _, text := range s.Texts() {
		message, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			s.t.Fatalf("this is no mail: %v\n%s", err, text)
		}
		all = append(all, message.Header)
	}
	return all
}

// Texts are what it took, whole.
func (s *RealServer) Texts() []string {
	s.t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.dir, "new", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	texts := make([]string, len(paths))
	for i, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		texts[i] = string(text)
	}
	return texts
}
