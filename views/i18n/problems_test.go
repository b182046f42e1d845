package i18n

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sentence is what a call or a literal shows to people: the number of its argument, by
// the name of what is called; -1 for a problem.Text.
var sentences = map[string]int{"problem.New": 2, "problem.Field": 1, "Add": 1}

// findings are of the doctor, whose words another test looks for.
const findings = "diagnose_token.go"

// Every sentence of a problem is found where it is made, by the syntax tree. One that is
// no literal there could not be, and is a fault too: write the sentence where it is said.
func TestEveryProblemIsTranslated(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := filepath.Base(name)
		if entry.IsDir() && (strings.HasPrefix(base, ".") && base != ".." || slices.Contains([]string{"node_modules", "var", "handlerstest", "doctor"}, base)) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") || strings.HasSuffix(base, "_templ.go") || base == findings {
			return nil
		}
		found += problemsIn(t, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 150 {
		t.Errorf("only %d sentences are found", found)
	}
}

// problemsIn holds the sentences of a file against the catalogue and counts them.
func problemsIn(t *testing.T, name string) (found int) {
	t.Helper()
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	syntax, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(syntax, func(node ast.Node) bool {
		said := saidBy(node)
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

// saidBy is the sentence of a node that makes a problem; nil of any other.
func saidBy(node ast.Node) ast.Expr {
	switch node := node.(type) {
	case *ast.CallExpr:
		selector, ok := node.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		name := selector.Sel.Name
		if pkg, ok := selector.X.(*ast.Ident); ok && pkg.Name == "problem" {
			name = "problem." + name
		}
		i, ok := sentences[name]
		if !ok || len(node.Args) <= i {
			return nil
		}
		if _, literal := literalOf(node.Args[i]); name == "Add" && !literal {
			return nil // of something else, such as a date
		}
		return node.Args[i]
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

func literalOf(expr ast.Expr) (string, bool) {
	literal, ok := expr.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}
