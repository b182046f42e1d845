package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// errorsFile is the one place that turns an error into an answer.
const errorsFile = "handlers/errors.go"

// errorWriters finds the files that answer with a status of 400 or more, or with
// one that is only known at run time.
func (code *source) errorWriters() row {
	writers := []string{}
	for _, pkg := range code.packages {
		if strings.HasSuffix(pkg.PkgPath, "test") {
			continue // servers that tests talk to
		}
		for _, syntax := range pkg.Syntax {
			ast.Inspect(syntax, func(node ast.Node) bool {
				if call, ok := node.(*ast.CallExpr); ok && writesError(pkg, call) {
					writers = append(writers, relative(pkg.Fset.Position(call.Pos()).Filename))
				}
				return true
			})
		}
	}
	slices.Sort(writers)
	writers = slices.Compact(writers)
	others := slices.DeleteFunc(slices.Clone(writers), func(path string) bool { return path == errorsFile })
	return row{"Files that write an error status", fmt.Sprint(len(writers)), "1", strings.Join(writers, " "), len(others) > 0}
}

func writesError(pkg *packages.Package, call *ast.CallExpr) bool {
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	name := function.Sel.Name
	called, ok := pkg.TypesInfo.Uses[function.Sel].(*types.Func)
	if !ok || called.Pkg() == nil || strings.HasPrefix(called.Pkg().Path(), "digitalpath") {
		return false
	}
	if strings.HasPrefix(called.Pkg().Path(), "github.com/danielgtaylor/huma") {
		return strings.HasPrefix(name, "Error4") || strings.HasPrefix(name, "Error5")
	}
	switch name {
	case "Status", "SendStatus", "SetStatusCode", "SetStatus", "WriteHeader":
		return len(call.Args) == 1 && atLeast400(pkg.TypesInfo.Types[call.Args[0]])
	}
	return name == "Error" && called.Pkg().Path() == "net/http"
}

func atLeast400(argument types.TypeAndValue) bool {
	if argument.Value == nil || argument.Value.Kind() != constant.Int {
		return true
	}
	status, _ := constant.Int64Val(argument.Value)
	return status >= 400
}

// singleImplementations finds the interfaces that fewer than two types of ours
// fulfil.
func (code *source) singleImplementations() row {
	var lonely []string
	for _, pkg := range code.packages {
		for _, name := range pkg.Types.Scope().Names() {
			declared, ok := pkg.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || declared.IsAlias() {
				continue
			}
			shape, ok := declared.Type().Underlying().(*types.Interface)
			if !ok || shape.NumMethods() == 0 {
				continue // a constraint or any
			}
			if named := declared.Type().(*types.Named); named.TypeParams().Len() == 0 && code.implementations(shape) < 2 {
				lonely = append(lonely, pkg.Name+"."+name)
			}
		}
	}
	return row{"Interfaces with one implementation", fmt.Sprint(len(lonely)), "0", strings.Join(lonely, " "), len(lonely) > 0}
}

func (code *source) implementations(shape *types.Interface) int {
	count := 0
	for _, pkg := range code.packages {
		for _, name := range pkg.Types.Scope().Names() {
			declared, ok := pkg.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || types.IsInterface(declared.Type()) {
				continue
			}
			if types.Implements(declared.Type(), shape) || types.Implements(types.NewPointer(declared.Type()), shape) {
				count++
				if named, ok := declared.Type().(*types.Named); ok && named.TypeParams().Len() > 0 {
					count++ // a generic type is many
				}
			}
		}
	}
	return count
}
