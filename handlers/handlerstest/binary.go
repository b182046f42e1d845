package handlerstest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

var (
	buildOnce   sync.Once
	binaryPath  string
	buildOutput []byte
	errBuild    error
)

// Binary is the path of the program, built from the tree once per test run. Under
// the race detector the program is built for it too.
func Binary(t testing.TB) string {
	t.Helper()
	buildOnce.Do(func() { errBuild = build() })
	if errBuild != nil {
		t.Fatalf("build the program: %v\n%s", errBuild, buildOutput)
	}
	return binaryPath
}

func build() error {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Dir(filepath.Dir(filepath.Dir(here)))
	if err := rememberSources(root); err != nil {
		return err
	}
	binaryPath = filepath.Join(root, "bin", "test", "digitalpath")
	args := []string{"build"}
	if raceEnabled {
		binaryPath += "-race"
		args = append(args, "-race")
	}
	if err := os.MkdirAll(filepath.Dir(binaryPath), 0o750); err != nil {
		return err
	}
	// The tests of other packages build the same file at the same time.
	lock := flock.New(binaryPath + ".lock")
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }() // closing the process unlocks it too
	build := exec.Command("go", append(args, "-o", binaryPath, ".")...)
	build.Dir = root
	var err error
	buildOutput, err = build.CombinedOutput()
	return err
}

// rememberSources reads every folder of the source. go test notes what a test
// reads, so a cached pass is not kept when the program changes.
func rememberSources(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		if err == nil && entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "var" || name == "bin") {
			return filepath.SkipDir
		}
		return err
	})
}
