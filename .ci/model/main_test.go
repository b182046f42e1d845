package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is written builds, starts, and passes the test that comes with it.
func TestModelThatIsMadeStarts(t *testing.T) {
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	listed, err := exec.Command("git", "-C", top, "ls-files", "-co", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	project := t.TempDir()
	for name := range strings.Lines(string(listed)) {
		name = strings.TrimSpace(name)
		text, err := os.ReadFile(filepath.Join(top, name))
		if err != nil {
			continue // deleted, and not committed yet
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(project, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(project, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(project)
	if err := run([]string{"ClientStory"}); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"build", "./..."}, {"vet", "./models", "./handlers/backoffice"},
		{"test", "-count=1", "./migrations", "-run", "Schema"}, {"test", "-count=1", "./views/i18n"},
		{"test", "-count=1", "./handlers", "-run", "ClientStories"},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	if err := run([]string{"ClientStory"}); err == nil {
		t.Error("what is there was written over")
	}
	for _, name := range []string{"", "testimonial", "Client-Story", "../X"} {
		if err := run([]string{name}); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}
