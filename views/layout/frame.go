// Package layout is the frame around every page: sidebar, top bar, messages, and
// the bare frame of pages without a login.
package layout

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Themes lists what somebody may choose, the default first.
var Themes = []string{"auto", "light", "dark"}

// KeyChoices are what somebody may choose about single keys, the default first.
var KeyChoices = []string{"on", "off"}

// Frame is what a back-office page shows around its content.
type Frame struct {
	Title   string // of the browser tab and, with Crumbs, of the top bar
	Crumbs  []Crumb
	Menu    []MenuGroup
	User    string // the signed-in person's name; empty on pages without a login
	CSRF    string // value of every form's csrf_token field
	Theme   string // one of Themes
	Search  string // what the search in the top bar looked for
	NoKeys  bool   // single keys do nothing
	Path    string // this page's own URL with its query, to come back to
	Flashes []Flash
}

// Crumb is one step of the breadcrumb; the last one has no URL.
type Crumb struct{ Label, URL string }

// MenuGroup is one titled group of the sidebar.
type MenuGroup struct {
	Title string // empty for the first, untitled group
	Items []MenuItem
}

// MenuItem is one room of the back office.
type MenuItem struct {
	Label, URL, Icon string // Icon names one of the icons of views/ui
	Active           bool
	Count            int  // 0 shows nothing
	Alarm            bool // the count needs somebody: shown in red
}

// countID names the item's count in the page.
func (m MenuItem) countID() string {
	return "count-" + strings.ReplaceAll(strings.Trim(m.URL, "/"), "/", "-")
}

// Flash is one sentence about what just happened.
type Flash struct {
	Text    string // already in the reader's language
	Tone    string // a models.Tone
	UndoURL string // a button that posts there takes it back; empty: none
}

// theme is the wanted theme; anything unknown follows the system.
func (f Frame) theme() string {
	if slices.Contains(Themes, f.Theme) {
		return f.Theme
	}
	return Themes[0]
}

// colorScheme tells the browser before any style is loaded, so that a dark page
// doesn't start with a white flash.
func (f Frame) colorScheme() string {
	if theme := f.theme(); theme != "auto" {
		return theme
	}
	return "light dark"
}

func (f Frame) themeIcon() string {
	switch f.theme() {
	case "light":
		return "sun"
	case "dark":
		return "moon"
	}
	return "auto"
}

// initials are the first letters of a name's first and last word.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return strings.ToUpper(string(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return strings.ToUpper(string([]rune{first, last}))
}
