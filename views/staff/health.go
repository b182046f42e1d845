package staff

import (
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Health is the page of what the doctor found.
type Health struct {
	Frame    layout.Frame
	URL      string // of the page itself: reading it looks again
	TokenURL string
	Findings []HealthFinding
}

func (h Health) tokenField(label, help string) ui.Field {
	return ui.Field{Name: "token", Label: label, Help: help, Control: ui.ControlTextarea, Required: true}
}

// HealthFinding is one thing that was looked at.
type HealthFinding struct {
	What     string
	Badge    ui.Badge
	Evidence string
	Remedy   string // empty where nothing is wrong
}
