package adminpages

import (
	"context"

	"github.com/a-h/templ"

	"digitalpath/views/i18n"
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Confirm asks before something that cannot be undone or, where it is Harmless, that
// takes a while, mails somebody or wants to know more.
type Confirm struct {
	Frame     layout.Frame
	Harmless  bool
	Title     string
	Question  string
	Final     string   // that nothing takes it back; empty: something does
	To        []string // addresses that mail would go to, one line each
	Fields    []ConfirmField
	Sentence  string // what is wrong with the whole
	Faults    []ui.Field
	Changes   []RowChange
	Objects   []string // what goes with it, one line each
	Refused   []string // what stays as it is, with the reason, one line each
	Note      string
	AlsoSent  string  // box for those who were reached; empty: there are none
	URL       string  // the form posts there
	Params    []Param // hidden fields
	Answer    Param   // of the button
	Submit    string  // empty: it cannot be done
	CancelURL string
}

// ConfirmField is a control that is filled in before. One with Choose counts where its
// box is ticked.
type ConfirmField struct {
	ui.Field
	Choose string
	Chosen bool
}

// RowChange is what would become of a row.
type RowChange struct {
	Title   string
	Changes []Change
}

// kind is the weight of the button that does it.
func (c Confirm) kind() ui.Kind {
	if c.Harmless {
		return ui.Primary
	}
	return ui.Destroy
}

func (c Confirm) objectsLabel(ctx context.Context) string {
	if c.Harmless {
		return i18n.T(ctx, "Selected")
	}
	return i18n.T(ctx, "What will be gone")
}

func (c Confirm) refusedTitle(ctx context.Context) string {
	if c.Submit == "" {
		return i18n.T(ctx, "This cannot be done:")
	}
	return i18n.T(ctx, "Left out, because it cannot be done with them:")
}

func (c Confirm) cancelLabel(ctx context.Context) string {
	if c.Submit == "" {
		return i18n.T(ctx, "Back")
	}
	return i18n.T(ctx, "Cancel")
}

// answer is what the button says beside the hidden fields.
func (c Confirm) answer() templ.Attributes {
	if c.Answer.Name == "" {
		return nil
	}
	return templ.Attributes{"name": c.Answer.Name, "value": c.Answer.Value}
}
