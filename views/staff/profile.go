package staff

import (
	"context"
	"slices"
	"strings"
	"time"

	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Profile is a member of staff's own page.
type Profile struct {
	Frame     layout.Frame
	You       You
	Logins    []ProfileLogin    // that are open, the newest first
	Providers []ProfileProvider // empty: none is offered

	PasswordErrors map[string][]string // of the last try to change it, by field
}

// You is what people say of themselves.
type You struct {
	Username, Email, FirstName, LastName, Language, TimeZone, TimeZoneDefault string
	Errors                                                                    map[string][]string // of the last try to change it
}

// ProfileLogin is one open login.
type ProfileLogin struct {
	Where, From, Agent, EndURL string
	Seen                       time.Time
	Here                       bool // this very one
}

func (p Profile) passwordField(name, label, autocomplete, help string) ui.Field {
	return ui.Field{
		Name: name, Label: label, Control: ui.ControlPassword, Autocomplete: autocomplete, Help: help, Required: true, Errors: p.PasswordErrors[name],
	}
}

func (y You) fields(ctx context.Context) []ui.Field {
	language := ui.Field{Name: "language", Label: i18n.T(ctx, "Language"), Control: ui.ControlSelect, Value: y.Language, Help: i18n.T(ctx, "Of these pages, and of mails to you.")}
	for code, name := range map[string]string{"en": "English", "es": "Español"} {
		language.Options = append(language.Options, ui.Option{Value: code, Label: name})
	}
	slices.SortFunc(language.Options, func(a, b ui.Option) int { return strings.Compare(a.Value, b.Value) })
	fields := []ui.Field{
		{Name: "first_name", Label: i18n.T(ctx, "First name"), Control: ui.ControlText, Value: y.FirstName, Autocomplete: "given-name"},
		{Name: "last_name", Label: i18n.T(ctx, "Last name"), Control: ui.ControlText, Value: y.LastName, Autocomplete: "family-name"},
		language,
		{
			Name: "time_zone", Label: i18n.T(ctx, "Time zone"), Control: ui.ControlText, Value: y.TimeZone, Autocomplete: "off",
			Help: i18n.T(ctx, "Whose days and times you are shown, such as Europe/Madrid. Empty: %s.", y.TimeZoneDefault),
		},
	}
	for i := range fields {
		fields[i].Errors = y.Errors[fields[i].Name]
	}
	return fields
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
