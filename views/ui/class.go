package ui

import "github.com/a-h/templ"

// Class is the class attribute of what a page has many of. templ looks at each of the
// words of its own kind of class, for doubles, every time.
func Class(names string) templ.OrderedAttributes {
	return templ.OrderedAttributes{{Key: "class", Value: names}}
}
