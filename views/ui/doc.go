// Package ui holds the parts that pages are built from. Class strings that are
// needed twice live here and nowhere else.
package ui
