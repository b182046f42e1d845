package models

// Tone is the meaning a value carries at a glance; views map it to colours once.
type Tone string

const (
	ToneNeutral  Tone = "neutral"
	TonePositive Tone = "positive"
	ToneWarning  Tone = "warning"
	ToneNegative Tone = "negative"
)

// Choice is one value of an enumerated column. The badge, the filter, the select,
// validation and the OpenAPI enum all read it, so that a value is described once.
type Choice struct {
	Value string
	Label string // English; translated where it is shown
	Tone  Tone
	Live  bool // the value is about to change by itself, so pages showing it refresh
}

// Enumerated is a column type with a fixed set of values, after Django's
// TextChoices.
type Enumerated interface {
	Choices() []Choice
}

// ChoiceOf finds the choice that describes value; an unknown value describes itself.
func ChoiceOf(e Enumerated, value string) Choice {
	for _, c := range e.Choices() {
		if c.Value == value {
			return c
		}
	}
	return Choice{Value: value, Label: value, Tone: ToneNeutral}
}
