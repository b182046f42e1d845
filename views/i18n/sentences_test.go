package i18n

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// sentences are what calls show to people: the number of the argument, by the name of what
// is called.
var sentences = map[string]int{"problem.New": 2, "problem.Field": 1, "Add": 1, "i18n.T": 1}

// findings are what the doctor's files say that a page shows, too: by these functions, and
// by this key of a literal. The others are the command line's.
var (
	findings     = []string{"doctor.go", "database.go", "queue.go", "mail.go", "frontend.go", "machine.go"}
	findingCalls = []string{"ok", "warn", "failed"}
)

// Every sentence is found where it is said, by the syntax tree: those of problems, the keys
// of i18n.T, which templ's are too, labels of choices, pages and the like, and what the
// doctor finds. A problem's that is no literal there could not be found, and is a fault
// too: write the sentence where it is said. What a model or page declares is held against
// the catalogue as the program starts.
func TestEverySentenceIsTranslated(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base, folder := filepath.Base(name), filepath.Base(filepath.Dir(name))
		if entry.IsDir() && (strings.HasPrefix(base, ".") && base != ".." || slices.Contains([]string{"node_modules", "var", "handlerstest"}, base)) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") || base == "diagnose_token.go" ||
			folder == "doctor" && !slices.Contains(findings, base) {
			return nil
		}
		found += sentencesIn(t, name, folder == "doctor")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 900 {
		t.Errorf("only %d sentences are found", found)
	}
}

// sentencesIn holds the sentences of a file against the catalogue and counts them.
func sentencesIn(t *testing.T, name string, doctor bool) (found int) {
	t.Helper()
	files := token.NewFileSet()
	syntax, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(syntax, func(node ast.Node) bool {
		said := saidBy(node)
		if doctor {
			said = foundBy(node)
		}
		if said == nil {
			return true
		}
		found++
		text, literal := literalOf(said)
		switch {
		case !literal:
			t.Errorf("%s: the sentence of a problem must be a literal, so that its translation can be looked for", files.Position(said.Pos()))
		case !Translated(text):
			t.Errorf("%s: %q has no Spanish: add it to a catalogue of views/i18n", files.Position(said.Pos()), text)
		}
		return true
	})
	return found
}

// saidBy is what a node shows to people; nil where it shows nothing.
func saidBy(node ast.Node) ast.Expr {
	switch node := node.(type) {
	case *ast.CallExpr:
		selector, ok := node.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		name := selector.Sel.Name
		if pkg, ok := selector.X.(*ast.Ident); ok && (pkg.Name == "problem" || pkg.Name == "i18n") {
			name = pkg.Name + "." + name
		}
		i, ok := sentences[name]
		if !ok || len(node.Args) <= i {
			return nil
		}
		if _, literal := literalOf(node.Args[i]); !literal && (name == "Add" || name == "i18n.T") {
			return nil // of something else, such as a date, or a word that is declared
		}
		return node.Args[i]
	case *ast.KeyValueExpr:
		key, named := node.Key.(*ast.Ident)
		if text, literal := literalOf(node.Value); named && strings.EqualFold(key.Name, "label") && literal && strings.ContainsFunc(text, unicode.IsLetter) {
			return node.Value
		}
	case *ast.CompositeLit:
		if selector, ok := node.Type.(*ast.SelectorExpr); ok && selector.Sel.Name == "Text" && len(node.Elts) > 0 {
			if pair, ok := node.Elts[0].(*ast.KeyValueExpr); ok {
				return pair.Value
			}
			return node.Elts[0]
		}
	}
	return nil
}

// foundBy is what a node of the doctor's finds.
func foundBy(node ast.Node) ast.Expr {
	var said ast.Expr
	switch node := node.(type) {
	case *ast.CallExpr:
		if name, ok := node.Fun.(*ast.Ident); ok && slices.Contains(findingCalls, name.Name) && len(node.Args) > 0 {
			said = node.Args[0]
		}
	case *ast.KeyValueExpr:
		if key, ok := node.Key.(*ast.Ident); ok && key.Name == "what" {
			said = node.Value
		}
	}
	if text, literal := literalOf(said); !literal || text == "%s" || strings.HasPrefix(text, "A test mail") { // which is the command line's
		return nil
	}
	return said
}

func literalOf(expr ast.Expr) (string, bool) {
	literal, ok := expr.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}
