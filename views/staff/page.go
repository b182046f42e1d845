// Package staff draws the pages that the back-office engine doesn't: login, the
// one-time set-up, errors, the dashboard, the mail queue, the development mailbox
// and the API documentation. It takes view models only.
package staff

import (
	"time"

	"github.com/a-h/templ"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Login is the login page.
type Login struct {
	Frame    layout.Frame
	Username string // kept from the last try
	Next     string // where to go after
	Error    string // why the last try failed; empty at first
	Hint     string // shown with debug on, e.g. how to make a first superuser
	Social   []SocialLink
	InPlace  *InPlace // nil: on a page of its own
}

// InPlace is a login on the page of a form that was posted without a session. It posts
// what was typed back to URL, with the login under names that are not the form's.
type InPlace struct {
	URL, Username, Password string
	Typed                   []adminpages.Param
}

func (l Login) url() string {
	if l.InPlace != nil {
		return l.InPlace.URL
	}
	return "/admin/login/"
}

func (l Login) usernameField() string {
	if l.InPlace != nil {
		return l.InPlace.Username
	}
	return "username"
}

func (l Login) passwordField() string {
	if l.InPlace != nil {
		return l.InPlace.Password
	}
	return "password"
}

// socialAttributes keep the page where it holds what somebody typed.
func (l Login) socialAttributes() templ.Attributes {
	if l.InPlace != nil {
		return templ.Attributes{"target": "_blank"}
	}
	return nil
}

// SocialLink leads to a provider.
type SocialLink struct{ Label, URL string }

// Setup is the one-time page that makes the first superuser. Errors are by field
// name (username, email, password, password_again, or "" for the form as a whole)
// and in the reader's language already.
type Setup struct {
	Frame           layout.Frame
	URL             string // the form posts there; it carries the one-time key
	Username, Email string // kept from the last try
	Errors          map[string][]string
}

// Ask is a page without a menu that asks for a few things, or says that they are Done.
type Ask struct {
	Frame                        layout.Frame
	URL, Title, Sentence, Submit string
	Fields                       []ui.Field
	Error                        string // what is wrong with the form as a whole
	Done                         string // instead of the form
	BackURL, BackLabel           string // where to go then; empty: nowhere
}

// Error is a page for a request that can't be answered as asked.
type Error struct {
	Frame     layout.Frame // with a User the page keeps the menu
	Status    int
	Title     string
	Sentence  string // what happened and what to do
	RequestID string
	BackURL   string
	BackLabel string
}

// Tile is one number of a dashboard.
type Tile struct {
	Label, Value, Hint string
	Alarm              bool   // the number needs somebody: shown in red
	URL                string // empty: not a link
}

// Dashboard is the back office's first page.
type Dashboard struct {
	Frame    layout.Frame
	Greeting string
	Tiles    []Tile
	Messages *Chart // nil: not shown
	Joined   *Chart // the waitlist
	Panels   []ItemPanel
	Projects []Progress // under way, the one changed last first
}

// Progress is how far a project is, in percent.
type Progress struct{ Name, Percent, URL string }

// Worker is one process that sends mail.
type Worker struct {
	Name              string
	Started, LastBeat time.Time
	Senders, Busy     int
	Gone              bool // not heard of any more
	Mails             []string
}

// Item is a line of a panel that leads somewhere.
type Item struct {
	Title, URL, Note string
	At               time.Time // zero: it is of no time
}

// ItemPanel is a panel of lines; without any it is not shown.
type ItemPanel struct {
	Title string
	Items []Item
}

// Chart is a bar for each step of time, oldest first and without gaps.
type Chart struct {
	Title, Step string // Step heads the table: "Day"
	Parts       []Part // of each bar, from below
	Bars        []Bar
	Empty, Hint string // what it says where all is 0; empty: it is drawn all the same
}

// Part is what a part of every bar counts.
type Part struct {
	Label string
	Tone  models.Tone
}

// Bar is one bar of a chart, with a value for each part; with a URL it leads to what it
// counts.
type Bar struct {
	Label, URL string
	Values     []int
}

// Queue is the mail queue page.
type Queue struct {
	Frame      layout.Frame
	Tiles      []Tile // waiting, failed, workers alive
	Workers    []Worker
	Causes     []Item // what keeps mail back
	Dead       []Item // what jobs became dead letters by
	Throughput Chart  // of the last hour
	Notice     string // e.g. that the broker is down and mail goes out in-process
}

// MailSummary is one mail in the development mailbox.
type MailSummary struct {
	URL, From, To, Subject string
	At                     time.Time
}

// Mailbox is the list of mails, newest first.
type Mailbox struct {
	Frame layout.Frame
	Mails []MailSummary
}

// Header is one header field of a mail.
type Header struct{ Name, Value string }

// Segment is a piece of a mail's text; with a URL it is a link.
type Segment struct{ Text, URL string }

// Tab is one way to look at a mail.
type Tab struct {
	Label, URL string
	Selected   bool
}

// Mail is one mail of the development mailbox. Of HTMLURL, Text and Source the one
// that the selected tab shows is set.
type Mail struct {
	Frame   layout.Frame
	Subject string
	ListURL string
	Headers []Header
	Tabs    []Tab
	HTMLURL string // served apart, shown in a sandboxed frame
	Text    []Segment
	Source  string
}
