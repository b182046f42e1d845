// Measure prints how the hand-written Go of this module stands against the bar of
// docs/architecture.md ("What it is compared on"), and fails where it is beyond.
//
//	go run -modfile=.ci/tools.mod ./.ci/measure
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/tools/go/packages"
)

func main() {
	code, err := load()
	if err == nil {
		err = report(code)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// source is the hand-written code of the module, templ's output left out.
type source struct {
	packages  []*packages.Package
	files     []file
	functions []measured // length in lines, from func to the closing brace
	tests     []measured // length in lines of each test file
}

type file struct {
	path   string
	lines  int
	syntax *ast.File
}

// measured is a number and the place that it was read at.
type measured struct {
	n     int
	where string
}

func load() (*source, error) {
	found, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo,
	}, "./...")
	if err != nil {
		return nil, err
	}
	if packages.PrintErrors(found) > 0 {
		return nil, fmt.Errorf("the code does not compile")
	}
	code := &source{packages: found}
	for _, pkg := range found {
		for _, syntax := range pkg.Syntax {
			code.add(pkg, syntax)
		}
		tests, err := filepath.Glob(filepath.Join(pkg.Dir, "*_test.go"))
		if err != nil {
			return nil, err
		}
		for _, path := range tests {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			code.tests = append(code.tests, measured{bytes.Count(text, []byte("\n")), relative(path)})
		}
	}
	return code, nil
}

func (code *source) add(pkg *packages.Package, syntax *ast.File) {
	position := pkg.Fset.File(syntax.FileStart)
	path := relative(position.Name())
	if strings.HasSuffix(path, "_templ.go") || strings.HasPrefix(path, "..") {
		return
	}
	code.files = append(code.files, file{path, position.LineCount() - 1, syntax})
	for _, declaration := range syntax.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok {
			start := position.Line(function.Pos())
			code.functions = append(code.functions, measured{
				position.Line(function.End()) - start + 1,
				fmt.Sprintf("%s:%d %s", path, start, function.Name.Name),
			})
		}
	}
}

// row is one line of the table: beyond the bar where it fails.
type row struct {
	point, ours, bar, where string
	fails                   bool
}

func report(code *source) error {
	rows := code.lengths()
	clones, err := code.clones()
	if err != nil {
		return err
	}
	rows = append(rows, clones, code.errorWriters(), code.singleImplementations())
	rows = append(rows, code.declarations(), code.packageSizes(), code.filesOfAPost())
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "POINT\tOURS\tBAR\t\tWHERE")
	beyond := 0
	for _, r := range rows {
		verdict := "ok"
		if r.fails {
			verdict, beyond = "BEYOND", beyond+1
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.point, r.ours, r.bar, verdict, r.where)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if beyond > 0 {
		return fmt.Errorf("%d of %d points are beyond the bar", beyond, len(rows))
	}
	return nil
}

func (code *source) lengths() []row {
	files := make([]measured, len(code.files))
	for i, f := range code.files {
		files[i] = measured{f.lines, f.path}
	}
	return []row{
		atMost("Longest function, lines", 60, percentile(code.functions, 100)),
		atMost("Function length, 95th percentile", 40, percentile(code.functions, 95)),
		atMost("Longest file, lines", 400, percentile(files, 100)),
		atMost("File length, 95th percentile", 250, percentile(files, 95)),
		atMost("Longest test file, lines", 400, percentile(code.tests, 100)),
	}
}

// clones counts groups of 60 equal tokens, as dupl prints them.
func (code *source) clones() (row, error) {
	var names strings.Builder
	lines := 0
	for _, f := range code.files {
		fmt.Fprintln(&names, f.path)
		lines += f.lines
	}
	dupl := exec.Command("go", "tool", "-modfile=.ci/tools.mod", "dupl", "-t", "60", "-files")
	dupl.Stdin = strings.NewReader(names.String())
	dupl.Stderr = os.Stderr
	out, err := dupl.Output()
	if err != nil {
		return row{}, fmt.Errorf("dupl: %w", err)
	}
	groups, first := 0, ""
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "found ") {
			groups++
		} else if place := strings.Fields(line); len(place) == 1 {
			first += " " + place[0]
		}
	}
	per1000 := float64(groups) * 1000 / float64(lines)
	return row{"Clones of 60 tokens per 1,000 lines", fmt.Sprintf("%.2f", per1000), "0.4", first, per1000 > 0.4}, nil
}

// declarations finds the longest declaration of an admin model.
func (code *source) declarations() row {
	var all []measured
	for _, pkg := range code.packages {
		for _, syntax := range pkg.Syntax {
			ast.Inspect(syntax, func(node ast.Node) bool {
				literal, ok := node.(*ast.CompositeLit)
				if !ok {
					return true
				}
				model, ok := literal.Type.(*ast.IndexExpr)
				if name, isName := selector(model); ok && isName && name == "admin.Model" {
					start, end := pkg.Fset.Position(literal.Pos()), pkg.Fset.Position(literal.End())
					all = append(all, measured{end.Line - start.Line + 1, fmt.Sprintf("%s:%d", relative(start.Filename), start.Line)})
				}
				return true
			})
		}
	}
	// 45, and 60 for the one with inlines and many fields.
	return atMost("Longest admin declaration, lines", 60, percentile(all, 100))
}

func selector(index *ast.IndexExpr) (string, bool) {
	if index == nil {
		return "", false
	}
	s, ok := index.X.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	room, ok := s.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return room.Name + "." + s.Sel.Name, true
}

func atMost(point string, bar int, m measured) row {
	return row{point, fmt.Sprint(m.n), fmt.Sprint(bar), m.where, m.n > bar}
}

func percentile(all []measured, p int) measured {
	if len(all) == 0 {
		return measured{}
	}
	slices.SortFunc(all, func(a, b measured) int { return a.n - b.n })
	return all[(len(all)*p+99)/100-1]
}

func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil {
		return short
	}
	return path
}
