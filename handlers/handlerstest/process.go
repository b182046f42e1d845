package handlerstest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is one running digitalpath.
type Process struct {
	t     testing.TB
	cmd   *exec.Cmd
	log   *output
	ended chan struct{}
}

// output collects what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Spawn starts `digitalpath args...` in a folder of its own with env and nothing
// else of our environment, and ends it with the test.
func Spawn(t testing.TB, env []string, args ...string) *Process {
	t.Helper()
	p := &Process{t: t, log: new(output), ended: make(chan struct{})}
	p.cmd = exec.Command(Binary(t), args...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.cmd.Dir, "GORACE=halt_on_error=1"}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.SysProcAttr = notOrphaned
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start digitalpath %s: %v", args[0], err)
	}
	go func() {
		_ = p.cmd.Wait() // its result is in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		log := p.log.String()
		if broken := crash.FindString(log); broken != "" {
			t.Errorf("digitalpath %s logged %q", args[0], broken)
		}
		if t.Failed() {
			lines := strings.SplitAfter(log, "\n")
			t.Logf("digitalpath %s ended its log with:\n%s", args[0], strings.Join(lines[max(0, len(lines)-60):], ""))
		}
	})
	return p
}

var crash = regexp.MustCompile(`(?m)^panic: .*|"?msg"?[=:]"?panic\b.*|panicked|^fatal error: .*|WARNING: DATA RACE`)

// Log is what the process has printed so far.
func (p *Process) Log() string { return p.log.String() }

// Dir is the folder that the process works in.
func (p *Process) Dir() string { return p.cmd.Dir }

// Kill ends the process as a power cut would, with SIGKILL.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// Freeze stops the process where it stands, which takes each of its threads a moment; Thaw
// lets it go on.
func (p *Process) Freeze() {
	p.t.Helper()
	p.signal(syscall.SIGSTOP)
	Eventually(p.t, StartTime, "every thread stands still", func() bool {
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.cmd.Process.Pid)) // the pattern is good
		return !slices.ContainsFunc(threads, func(thread string) bool {
			state, err := os.ReadFile(thread)
			return err == nil && !bytes.Contains(state, []byte(") T "))
		})
	})
}

// Thaw is the end of Freeze.
func (p *Process) Thaw() { p.signal(syscall.SIGCONT) }

// Stop asks the process to end, as `kill PID` does, and returns its exit code, or -1
// where it is still there after the time.
func (p *Process) Stop(within time.Duration) int {
	p.signal(syscall.SIGTERM)
	return p.Wait(within)
}

// Wait returns the exit code, or -1 where the process is still there after the time.
func (p *Process) Wait(within time.Duration) int {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		return -1
	}
}

// Running tells whether the process is there.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *Process) signal(signal syscall.Signal) {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("signal %v: %v", signal, err)
	}
}

// Eventually waits until the condition holds and fails the test where it does not
// within the time.
func Eventually(t testing.TB, within time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// ResidentMB is the memory that the process holds, as Linux counts it.
func (p *Process) ResidentMB() int {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	kilobytes := 0
	if _, after, ok := strings.Cut(string(status), "VmRSS:"); ok {
		if _, err := fmt.Sscan(after, &kilobytes); err != nil {
			p.t.Fatal(err)
		}
	}
	return kilobytes >> 10
}

// MostResidentMB is the most memory that the process held, once it has ended.
func (p *Process) MostResidentMB() int {
	p.t.Helper()
	usage, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		p.t.Fatal("this system does not count the memory of processes")
	}
	return int(usage.Maxrss >> 10) // Linux counts in KiB
}
