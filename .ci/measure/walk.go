package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// packageSizes finds the package of the most files, tests left out.
func (code *source) packageSizes() row {
	sizes := map[string]int{}
	for _, f := range code.files {
		if !strings.HasPrefix(f.path, "views") { // components, each with what templ makes of it
			sizes[filepath.Dir(f.path)]++
		}
	}
	var all []measured
	for dir, n := range sizes {
		all = append(all, measured{n, dir})
	}
	return atMost("Files in one package", 25, percentile(all, 100))
}

// The main job: from the handler to the commit.
const contactHandler = "(*digitalpath/handlers/api.API).contact"

// aside are what a request passes before it, what every statement passes, and what every
// refusal is: limits, which are middleware wherever they are asked, the opening of the
// database and of transactions, and the error that a person may see.
var aside = []string{"services/ratelimit/", "models/db.go", "models/tx.go", "problem/"}

// filesOfAPost lists the files of ours that hold a function which POST /api/contact
// runs, from its handler to the commit.
func (code *source) filesOfAPost() row {
	declared := map[string]*ast.FuncDecl{}
	home := map[string]*packages.Package{}
	for _, pkg := range code.packages {
		for _, syntax := range pkg.Syntax {
			for _, declaration := range syntax.Decls {
				if function, ok := declaration.(*ast.FuncDecl); ok {
					if object, ok := pkg.TypesInfo.Defs[function.Name].(*types.Func); ok {
						declared[object.FullName()], home[object.FullName()] = function, pkg
					}
				}
			}
		}
	}
	passed, files := map[string]bool{}, map[string]bool{}
	var walk func(name string)
	walk = func(name string) {
		function, pkg := declared[name], home[name]
		if function == nil || passed[name] {
			return
		}
		passed[name] = true
		path := relative(pkg.Fset.Position(function.Pos()).Filename)
		if slices.ContainsFunc(aside, func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
			return
		}
		files[path] = true
		ast.Inspect(function, func(node ast.Node) bool {
			if name, ok := node.(*ast.Ident); ok {
				if called, ok := pkg.TypesInfo.Uses[name].(*types.Func); ok {
					walk(called.FullName())
				}
			}
			return true
		})
	}
	walk(contactHandler)
	list := slices.Sorted(maps.Keys(files))
	return row{"Files that POST /api/contact passes", fmt.Sprint(len(list)), "5", strings.Join(list, " "), len(list) == 0 || len(list) > 5}
}
