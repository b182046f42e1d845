// Package static holds the styles, scripts and fonts inside the binary. All of them
// live under one prefix made from their joint hash, so that a browser may keep them
// for ever and app.css may name its fonts by relative URLs.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"slices"
	"sync"
)

//go:embed css/app.css js fonts swagger icons
var files embed.FS

// Asset is one file as it goes out.
type Asset struct {
	*Packed
	Type string // Content-Type
	Hash string // of Body, for an ETag
}

type tree struct {
	prefix string           // "/static/<hash>/"
	assets map[string]Asset // by whole URL path
}

var load = sync.OnceValue(func() tree {
	names, joint := map[string]Asset{}, sha256.New()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		fmt.Fprintf(joint, "%s %x\n", name, sum)
		asset := Asset{Packed: &Packed{Body: body}, Type: contentType(name), Hash: hex.EncodeToString(sum[:8])}
		if slices.Contains([]string{".js", ".css", ".svg", ".txt"}, path.Ext(name)) && len(body) > 1000 {
			asset.Packed = Pack(body)
		}
		names[name] = asset
		return nil
	})
	if err != nil {
		panic("static: " + err.Error()) // an embedded file that can't be read is a broken build
	}
	t := tree{prefix: fmt.Sprintf("/static/%.6x/", joint.Sum(nil)), assets: make(map[string]Asset, len(names))}
	for name, asset := range names {
		t.assets[t.prefix+name] = asset
	}
	return t
})

// URL is where the file of that name, such as "css/app.css", is served. A name that
// doesn't exist is a mistake in the program and panics.
func URL(name string) string {
	t := load()
	if _, ok := t.assets[t.prefix+name]; !ok {
		panic("static: no file " + name)
	}
	return t.prefix + name
}

// Lookup finds the asset of a request's whole path. It only knows the embedded
// files, so no path leads anywhere else.
func Lookup(urlPath string) (Asset, bool) {
	asset, ok := load().assets[urlPath]
	return asset, ok
}

// contentType doesn't rely on the machine's MIME table for what we serve.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}
