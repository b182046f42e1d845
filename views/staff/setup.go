package staff

import (
	"context"

	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// formError is what is wrong with the form as a whole.
func (s Setup) formError() string {
	if sentences := s.Errors[""]; len(sentences) > 0 {
		return sentences[0]
	}
	return ""
}

func (s Setup) fields(ctx context.Context) []ui.Field {
	fields := []ui.Field{
		{Name: "username", Label: i18n.T(ctx, "Username"), Control: ui.ControlText, Value: s.Username, Autocomplete: "username", Autofocus: len(s.Errors) == 0},
		{Name: "email", Label: i18n.T(ctx, "E-mail"), Control: ui.ControlEmail, Value: s.Email, Autocomplete: "email"},
		{
			Name: "password", Label: i18n.T(ctx, "Password"), Control: ui.ControlPassword, Autocomplete: "new-password",
			Help: i18n.T(ctx, "At least 8 characters, not only digits, and not a common password."),
		},
		{Name: "password_again", Label: i18n.T(ctx, "Password, once more"), Control: ui.ControlPassword, Autocomplete: "new-password"},
	}
	settled := len(s.Errors) == 0 // where the focus goes
	for i := range fields {
		fields[i].Required = true
		fields[i].Errors = s.Errors[fields[i].Name]
		if !settled && len(fields[i].Errors) > 0 {
			fields[i].Autofocus, settled = true, true
		}
	}
	return fields
}
