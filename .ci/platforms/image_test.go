package platforms

import (
	"debug/elf"
	"encoding/json"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// image is what the Dockerfile says: the commands that build, and what the last stage
// takes and runs.
type image struct {
	from                        []string
	runs                        []string
	copies                      []copied // in the last stage
	workdir, user               string
	entrypoint, command, health []string
}

// copied goes from the build to the image, and there belongs to root or to the user.
type copied struct {
	from, to string
	owned    bool
}

// dockerfile reads the Dockerfile, in which every instruction is one line.
func dockerfile(t *testing.T) image {
	t.Helper()
	var i image
	exec := func(text string) (args []string) {
		if err := json.Unmarshal([]byte(text), &args); err != nil {
			t.Fatalf("not in exec form, and there is no shell in the image: %s", text)
		}
		return args
	}
	options := regexp.MustCompile(`--\S+ `)
	for line := range strings.Lines(read(t, "Dockerfile")) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch instruction {
		case "FROM":
			i.from = append(i.from, strings.Fields(rest)[0])
		case "RUN":
			i.runs = append(i.runs, rest)
		case "COPY":
			if paths := strings.Fields(options.ReplaceAllString(rest, "")); strings.Contains(rest, "--from=build") {
				i.copies = append(i.copies, copied{paths[0], paths[1], strings.Contains(rest, "--chown=")})
			}
		case "WORKDIR":
			i.workdir = rest
		case "USER":
			i.user = rest
		case "ENTRYPOINT":
			i.entrypoint = exec(rest)
		case "CMD":
			i.command = exec(rest)
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, "CMD ")
			i.health = exec(command)
		case "ADD", "ENV", "SHELL", "ONBUILD", "MAINTAINER":
			t.Errorf("an instruction that has no place here: %s", line)
		}
	}
	return i
}

func (i image) uid(t *testing.T) int {
	t.Helper()
	uid, err := strconv.Atoi(strings.Split(i.user, ":")[0])
	if err != nil {
		t.Fatalf("the image's user is no number: %v", err)
	}
	return uid
}

func TestDockerfileIsPinnedAndEndsWithoutARoot(t *testing.T) {
	i := dockerfile(t)
	if len(i.from) != 2 || i.from[1] != "scratch" {
		t.Fatalf("the image is built from %v, want a build and scratch", i.from)
	}
	wantPinned(t, i.from[0])
	goMod := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if !strings.HasPrefix(i.from[0], "golang:"+goMod[1]+".") {
		t.Errorf("it is built by %s, go.mod wants %s", i.from[0], goMod[1])
	}
	if !strings.Contains(read(t, ".github/workflows/ci.yml"), "image: "+i.from[0]+"\n") {
		t.Errorf("CI does not test with %s", i.from[0])
	}
	if i.uid(t) < 1000 {
		t.Errorf("it runs as %s, who may be somebody of the machine", i.user)
	}
	if !slices.Contains(i.copies, copied{from: "/etc/ssl/certs/ca-certificates.crt", to: "/etc/ssl/certs/"}) {
		t.Error("it lacks the certificates that mail servers and providers are checked by")
	}
	for _, secret := range []string{".git", ".env", ".env.local"} {
		if !ignored(t, secret) {
			t.Errorf("%s goes into the build", secret)
		}
	}
	wantCommand(t, i.command)
	wantCommand(t, i.health[1:])
}

// ignored tells whether .dockerignore, whose patterns are all of the top level, keeps
// a file out of the build.
func ignored(t *testing.T, name string) bool {
	t.Helper()
	first, _, _ := strings.Cut(name, "/")
	return slices.ContainsFunc(strings.Fields(regexp.MustCompile(`(?m)^#.*`).ReplaceAllString(read(t, ".dockerignore"), "")), func(pattern string) bool {
		match, err := path.Match(pattern, first)
		return err == nil && match
	})
}

var building struct {
	once   sync.Once
	folder string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if building.folder != "" {
		_ = os.RemoveAll(building.folder) // a folder for temporary files
	}
	os.Exit(code)
}

// build does the first stage of the Dockerfile, with the files that .dockerignore
// leaves, and returns its folder.
func build(t *testing.T) string {
	t.Helper()
	building.once.Do(func() {
		folder, err := os.MkdirTemp("", "digitalpath-image")
		if err != nil {
			t.Fatal(err)
		}
		building.folder = folder
		files, err := exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
		if err != nil {
			t.Fatalf("git ls-files: %v", err)
		}
		for name := range strings.SplitSeq(strings.Trim(string(files), "\x00"), "\x00") {
			if !ignored(t, name) {
				copyFile(t, filepath.Join(root, name), filepath.Join(folder, name))
			}
		}
		for _, command := range dockerfile(t).runs {
			run := exec.Command("sh", "-c", command)
			run.Dir, run.Env = folder, append(os.Environ(), "VERSION=1.2.3-test")
			if out, err := run.CombinedOutput(); err != nil {
				t.Fatalf("RUN %s: %v\n%s", command, err, out)
			}
		}
	})
	return building.folder
}

// copyFile copies a file as a COPY does; one that is deleted and not committed yet is
// not there.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	if os.IsNotExist(err) {
		return
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(from)
	}
	if err == nil {
		err = os.WriteFile(to, text, info.Mode().Perm())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The image holds a program that needs nothing of the machine: it is run here on the
// files of the image alone, as the image's user.
func TestImageServesOnItsFilesAlone(t *testing.T) {
	i := dockerfile(t)
	folder := assemble(t, i)
	program, err := elf.Open(filepath.Join(folder, i.entrypoint[0]))
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(program.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		t.Error("the program needs shared libraries")
	}
	if os.Getuid() != 0 {
		t.Skip("only root may run a program on other files (chroot)")
	}
	inside := func(env []string, args ...string) *exec.Cmd {
		command := exec.CommandContext(t.Context(), i.entrypoint[0], args...)
		command.Dir, command.Env = i.workdir, env
		command.SysProcAttr = &syscall.SysProcAttr{Chroot: folder, Credential: &syscall.Credential{Uid: uint32(i.uid(t)), Gid: uint32(i.uid(t))}}
		return command
	}
	if out, err := inside(nil, i.command...).CombinedOutput(); err == nil || !strings.Contains(string(out), "DJANGO_SECRET_KEY is not set") {
		t.Errorf("with an empty environment: %v\n%s", err, out)
	}
	port := freePort(t)
	env := []string{"DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12), "ENV_ALLOWED_HOSTS=localhost", "DATABASE_URL=sqlite:///test.db", "PORT=" + port}
	serve := inside(env, i.command...)
	var log strings.Builder
	serve.Stdout, serve.Stderr = &log, &log
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	healthy := false
	for deadline := time.Now().Add(time.Minute); !healthy && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		healthy = inside(env, i.health[1:]...).Run() == nil
	}
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil || !healthy {
		t.Errorf("healthy: %v, and ended with %v:\n%s", healthy, err, &log)
	}
	if inside(env, i.health[1:]...).Run() == nil {
		t.Error("the health check takes a server that ended for a healthy one")
	}
}

// assemble does the last stage of the Dockerfile and returns its folder.
func assemble(t *testing.T, i image) string {
	t.Helper()
	folder := t.TempDir()
	for _, c := range i.copies {
		from, to := c.from, filepath.Join(folder, c.to)
		if inBuild, ok := strings.CutPrefix(from, "/src/"); ok {
			from = filepath.Join(build(t), inBuild)
		}
		info, err := os.Stat(from)
		if err != nil {
			t.Fatal(err)
		}
		if !info.IsDir() {
			copyFile(t, from, filepath.Join(to, filepath.Base(from)))
			continue
		}
		if err = os.MkdirAll(to, 0o755); err == nil && c.owned && os.Getuid() == 0 {
			err = os.Chown(to, i.uid(t), i.uid(t))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// Folders of tests are closed to other users.
	for dir := folder; dir != filepath.Clean(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, fs.FileMode(0o755)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
