package staff

import (
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Profile is a member of staff's own page.
type Profile struct {
	Frame     layout.Frame
	Providers []ProfileProvider // empty: none is offered

	TimeZone, TimeZoneDefault string
	TimeZoneErrors            []string // of the last try to change it

	PasswordErrors map[string][]string // of the last try to change it, by field
}

func (p Profile) passwordField(name, label, autocomplete, help string) ui.Field {
	return ui.Field{
		Name: name, Label: label, Control: ui.ControlPassword, Autocomplete: autocomplete, Help: help, Required: true, Errors: p.PasswordErrors[name],
	}
}

func (p Profile) zoneField(label, help string) ui.Field {
	return ui.Field{
		Name: "time_zone", Label: label, Control: ui.ControlText, Value: p.TimeZone, Autocomplete: "off", Help: help, Errors: p.TimeZoneErrors,
	}
}

// ProfileProvider is a provider to log in with, linked or not.
type ProfileProvider struct {
	Label, Email              string // Email is the one there
	Linked                    bool
	ConnectURL, DisconnectURL string // forms post there
}

// Leave is the page between ours and a provider's.
type Leave struct {
	Frame   layout.Frame
	To      SocialLink
	BackURL string
}
