package main

import (
	"bytes"
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"digitalpath/config"
	"digitalpath/handlers/handlerstest"
)

// arrows says what each room may import. A room is a folder of the top level or, of
// the services, one subject: no subject imports another. docs/architecture.md tells
// why.
var arrows = map[string][]string{
	"problem":               {},
	"config":                {},
	"migrations":            {},
	"static":                {},
	"models":                {"problem"},
	"views":                 {"models", "static"},
	"services/outbox":       {"models", "problem"},
	"services/jobs":         {"models", "problem"},
	"services/records":      {"models", "problem"},
	"services/ratelimit":    {"config", "problem"}, // one type of a limit, which the environment sets
	"services/origins":      {"models"},
	"services/backup":       {"migrations", "models"},
	"services/doctor":       {"services/accounts", "services/origins", "services/outbox", "config", "migrations", "models", "problem"},
	"services/erasure":      {"services/records", "models", "problem"},
	"services/djangoimport": {"services/outbox", "models"},
	"admin":                 {"views", "models", "problem"},
	"workers":               {"services", "views", "models"},
	"handlers":              {"admin", "services", "workers", "views", "models", "problem", "migrations", "static"},
}

// subject is what a subject of the services without a line of its own may import.
var subject = []string{"services/outbox", "services/records", "services/ratelimit", "services/jobs", "models", "problem"}

// onlyNames are what one room may name of another that it imports for these alone.
var onlyNames = []struct{ from, imported, names string }{
	{"views", "models", "Tone Tone* Choice*"},
	{"handlers", "workers", "Queue Mailbox MailFile MailWorker"},
}

// testRooms are the packages that only tests import; they may import what they
// test with.
var testRooms = []string{"digitalpath/models/modelstest", "digitalpath/handlers/handlerstest", "digitalpath/handlers/routestest", "digitalpath/bench"}

type goPackage struct {
	Dir, ImportPath  string
	GoFiles, Imports []string

	TestGoFiles, XTestGoFiles []string
}

func TestArrowsRunOneWay(t *testing.T) {
	for _, pkg := range ownPackages(t) {
		from := room(pkg.ImportPath)
		if from == "" || slices.Contains(testRooms, pkg.ImportPath) {
			continue
		}
		allowed, known := arrows[from]
		if !known && strings.HasPrefix(from, "services/") {
			allowed, known = subject, true
		}
		if !known {
			t.Errorf("%s is in no known room: give %q its arrows, here and in docs/architecture.md", pkg.ImportPath, from)
		}
		for _, imported := range pkg.Imports {
			if slices.Contains(testRooms, imported) {
				t.Errorf("%s imports %s, which is for tests", pkg.ImportPath, imported)
			}
			to := room(imported)
			top, _, _ := strings.Cut(to, "/")
			if to != "" && to != from && !slices.Contains(allowed, to) && !slices.Contains(allowed, top) {
				t.Errorf("%s imports %s: %s may import %v of ours", pkg.ImportPath, imported, from, allowed)
			}
		}
	}
}

// Some arrows are for a few names only.
func TestArrowsAreForTheNamesThatTheyAreMeantFor(t *testing.T) {
	for _, pkg := range ownPackages(t) {
		for _, rule := range onlyNames {
			if room(pkg.ImportPath) != rule.from || slices.Contains(testRooms, pkg.ImportPath) {
				continue
			}
			for _, file := range pkg.GoFiles {
				for _, name := range namesOf(t, filepath.Join(pkg.Dir, file), rule.imported) {
					if !slices.ContainsFunc(strings.Fields(rule.names), func(pattern string) bool {
						matched, _ := path.Match(pattern, name)
						return matched
					}) {
						t.Errorf("%s/%s names %s.%s; %s may know %s of %s", pkg.ImportPath, file, rule.imported, name, rule.from, rule.names, rule.imported)
					}
				}
			}
		}
	}
}

// namesOf lists what a file names of one of our packages.
func namesOf(t *testing.T, file, imported string) []string {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(syntax.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"digitalpath/`+imported+`"` }) {
		return nil
	}
	var names []string
	ast.Inspect(syntax, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == imported {
				names = append(names, selector.Sel.Name)
			}
		}
		return true
	})
	return names
}

// onlyIn names libraries that one room alone may know.
var onlyIn = map[string]string{
	"github.com/gocraft/work":       "workers",
	"github.com/gomodule/redigo":    "workers",
	"github.com/wneessen/go-mail":   "workers",
	"github.com/gofiber/fiber":      "handlers admin",
	"github.com/danielgtaylor/huma": "handlers",
	"github.com/a-h/templ":          "views admin workers", // pages and mails are drawn
	"github.com/caarlos0/env":       "config",
}

func TestArrowsToLibrariesStayInTheirRooms(t *testing.T) {
	for _, pkg := range ownPackages(t) {
		if room(pkg.ImportPath) == "" || slices.Contains(testRooms, pkg.ImportPath) {
			continue
		}
		for _, imported := range pkg.Imports {
			for library, rooms := range onlyIn {
				if strings.HasPrefix(imported, library) && !slices.Contains(strings.Fields(rooms), room(pkg.ImportPath)) {
					t.Errorf("%s imports %s, which only %s may know", pkg.ImportPath, imported, rooms)
				}
			}
		}
	}
}

// room is where a package of ours belongs, "" for main and for others' code.
func room(importPath string) string {
	inside, ours := strings.CutPrefix(importPath, "digitalpath/")
	if !ours {
		return ""
	}
	parts := strings.Split(inside, "/")
	if parts[0] == "services" {
		return inside
	}
	return parts[0]
}

func ownPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=Dir,ImportPath,GoFiles,Imports,TestGoFiles,XTestGoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var pkg goPackage
		if err := decoder.Decode(&pkg); err != nil {
			t.Fatal(err)
		}
		all = append(all, pkg)
	}
	return all
}

func TestReadmeListsEveryVariable(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var inTable []string
	for line := range strings.Lines(string(readme)) {
		if strings.HasPrefix(line, "| `") {
			inTable = append(inTable, strings.TrimSpace(line))
		}
	}
	var inCode []string
	for _, v := range config.Variables() {
		name, standard := "`"+v.Name+"`", ""
		if v.Alias != "" {
			name += " (or `" + v.Alias + "`)"
		}
		if v.Default != "" {
			standard = "`" + v.Default + "`"
		}
		inCode = append(inCode, strings.Join([]string{"|", name, "|", standard, "|", v.Help, "|"}, " "))
	}
	if !slices.Equal(inTable, inCode) {
		t.Errorf("README.md's table is not config's. It should be:\n%s", strings.Join(inCode, "\n"))
	}
}

// pathOfOurs is a file or a folder of ours as documents write it, and page one of the
// documents as comments cite it.
var (
	pathOfOurs = regexp.MustCompile("`((?:admin|config|docs|handlers|migrations|models|problem|services|static|views|workers)/[\\w./-]*)`")
	page       = regexp.MustCompile(`\b(docs/[\w/-]+\.md)\b`)
)

func TestDocumentsAndCommentsNameWhatIsThere(t *testing.T) {
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		var paths *regexp.Regexp
		switch path.Ext(name) {
		case ".md":
			paths = pathOfOurs
		case ".go", ".templ":
			paths = page
		}
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "node_modules", "var"}, name):
			return fs.SkipDir
		case entry.IsDir() || paths == nil:
			return nil
		}
		text, err := os.ReadFile(name)
		for _, found := range paths.FindAllSubmatch(text, -1) {
			if _, err := os.Stat(string(found[1])); err != nil {
				t.Errorf("%s names %s, which is not there", name, found[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// commands are the command lines of docs/contract.md section 9 that stand.
var commands = []string{
	"serve", "worker", "migrate", "migrate up", "migrate down", "migrate status", "createsuperuser",
	"changepassword", "demo", "sendtestmail", "import-django", "openapi", "config", "health", "doctor", "backup", "restore", "version",
}

// runProgram runs a command line inside the test and returns what it printed.
func runProgram(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(context.Background(), args, nil, strings.NewReader(""), &out, &out)
	return out.String(), err
}

func TestHelpOfEveryCommandExplainsIt(t *testing.T) {
	overview, err := runProgram(t, "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		words := strings.Fields(command)
		if !strings.Contains(overview, "\n  "+words[0]+" ") {
			t.Errorf("--help does not list %s", words[0])
		}
		help, err := runProgram(t, append(words, "--help")...)
		if err != nil || !strings.Contains(help, "digitalpath "+command) || !strings.Contains(help, "Usage:") {
			t.Errorf("%s --help (%v) does not show its usage:\n%s", command, err, help)
		}
	}
}

func TestUnknownCommandIsRefusedWithItsName(t *testing.T) {
	if _, err := runProgram(t, "sevre"); err == nil || !strings.Contains(err.Error(), "sevre") {
		t.Errorf("got %v", err)
	}
}

func TestMisspeltCommandOfAGroupIsRefusedWithItsName(t *testing.T) {
	if out, err := runProgram(t, "migrate", "upp"); err == nil || !strings.Contains(err.Error(), `"upp"`) || out != "" {
		t.Errorf("got %v and:\n%s", err, out)
	}
}

func TestGroupAloneFailsAndShowsWhatThereIs(t *testing.T) {
	out, err := runProgram(t, "migrate")
	if err == nil || !strings.Contains(err.Error(), "up, down, status") || !strings.Contains(out, "digitalpath migrate [command]") {
		t.Errorf("got %v and:\n%s", err, out)
	}
}

func TestVersionIsWhatTheBuildSet(t *testing.T) {
	release = "v1.2.3"
	t.Cleanup(func() { release = "" })
	if out, err := runProgram(t, "version"); err != nil || out != "v1.2.3\n" {
		t.Errorf("got %q (%v)", out, err)
	}
}

func TestProgramStartsAndStops(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	if code := app.Stop(10 * time.Second); code != 0 {
		t.Errorf("serve ended with %d after SIGTERM", code)
	}
}

// A start that can't work says which variable is at fault and what to do, and
// never shows a value that may be a secret.
func TestUnsafeOrMalformedSettingStopsTheStart(t *testing.T) {
	production := []string{"DJANGO_DEBUG=0", "DATABASE_URL=sqlite:///test.db", "ENV_ALLOWED_HOSTS=example.com", "DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12)}
	for _, test := range []struct{ name, setting, says string }{
		{"no secret", "DJANGO_SECRET_KEY=", "DJANGO_SECRET_KEY"},
		{"a short secret", "DJANGO_SECRET_KEY=sesame-street", "DJANGO_SECRET_KEY"},
		{"a sample secret", "DJANGO_SECRET_KEY=django-insecure-0123456789abcdefghijklmnopqrs", "DJANGO_SECRET_KEY"},
		{"no hosts", "ENV_ALLOWED_HOSTS=", "ENV_ALLOWED_HOSTS"},
		{"no database", "DATABASE_URL=", "DATABASE_URL"},
		{"a database that is none", "DATABASE_URL=nonsense", "DATABASE_URL"},
		{"a database's port that is none", "DATABASE_URL=postgresql://u:hunter2@h:99999/db", "DATABASE_URL"},
		{"an unknown sslmode", "DATABASE_URL=postgresql://u:hunter2@h/db?sslmode=bogus", "DATABASE_URL"},
		{"a password with a colon and a hash", "DATABASE_URL=postgresql://u:hunter2#:@h/db", "DATABASE_URL"},
		{"a folder as database", "DATABASE_URL=sqlite:////tmp", "DATABASE_URL"},
		{"a database in what is no folder", "DATABASE_URL=sqlite:////dev/null/test.db", "DATABASE_URL"},
		{"a port that is none", "EMAIL_PORT=abc", "EMAIL_PORT"},
		{"a broker that is none", "CELERY_BROKER_URL=localhost:6379", "CELERY_BROKER_URL"},
		{"an unknown mail backend", "EMAIL_BACKEND=pigeon", "EMAIL_BACKEND"},
		{"a rate that is none", "RATE_LIMIT_CONTACT=often", "RATE_LIMIT_CONTACT"},
		{"no proxy network", "TRUSTED_PROXIES=proxy", "TRUSTED_PROXIES"},
		{"two kinds of TLS", "EMAIL_USE_SSL=1", "EMAIL_USE_TLS"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			program := handlerstest.Spawn(t, append(slices.Clone(production), test.setting), "serve")
			code := program.Wait(handlerstest.StartTime)
			log := program.Log()
			if code <= 0 || !strings.Contains(log, test.says) || strings.Count(strings.TrimSpace(log), "\n") > 0 {
				t.Errorf("exit code %d, want one sentence about %s:\n%s", code, test.says, log)
			}
			if !strings.Contains(log, ": ") || strings.Contains(log, "strconv") {
				t.Errorf("no remedy for a person: %s", log)
			}
			if _, value, _ := strings.Cut(test.setting, "="); test.says == "DJANGO_SECRET_KEY" && value != "" && strings.Contains(log, value) || strings.Contains(log, "hunter2") {
				t.Errorf("the secret is shown: %s", log)
			}
		})
	}
}

func TestWorkerWithoutABrokerRefusesAndSaysWhy(t *testing.T) {
	t.Parallel()
	worker := handlerstest.Spawn(t, []string{"DJANGO_DEBUG=1"}, "worker")
	if code := worker.Wait(handlerstest.StartTime); code <= 0 || !strings.Contains(worker.Log(), "CELERY_BROKER_URL") {
		t.Errorf("exit code %d:\n%s", code, worker.Log())
	}
}
