package staff

import (
	"digitalpath/views/layout"
	"digitalpath/views/ui"
)

// Health is the page of what the doctor found.
type Health struct {
	Frame    layout.Frame
	URL      string // of the page itself: reading it looks again
	Findings []HealthFinding
}

// HealthFinding is one thing that was looked at.
type HealthFinding struct {
	What     string
	Badge    ui.Badge
	Evidence string
	Remedy   string // empty where nothing is wrong
}
