package ui

import "digitalpath/models"

// Badge shows an enumerated value.
type Badge struct {
	ID    string // DOM id, set where the badge may update itself
	Value string // shown to tests and styles as data-status
	Label string
	Tone  models.Tone
	Note  string // e.g. "next try in 42 s"
	Live  bool   // pulses
}

func (b Badge) dotClass() string {
	class := "size-1.5 shrink-0 rounded-full " + ToneDot(b.Tone)
	if b.Live {
		return class + " live-dot"
	}
	return class
}

type toneClass struct{ pill, dot, bar string }

// toneClasses is the only map from a meaning to colours.
var toneClasses = map[models.Tone]toneClass{
	models.ToneNeutral:  {pill: "bg-neutral-fill text-neutral-text", dot: "bg-neutral-dot", bar: "fill-neutral-dot"},
	models.TonePositive: {pill: "bg-positive-fill text-positive-text", dot: "bg-positive-dot", bar: "fill-positive-dot"},
	models.ToneWarning:  {pill: "bg-warning-fill text-warning-text", dot: "bg-warning-dot", bar: "fill-warning-dot"},
	models.ToneNegative: {pill: "bg-negative-fill text-negative-text", dot: "bg-negative-dot", bar: "fill-negative-dot"},
}

func toneOf(tone models.Tone) toneClass {
	if class, ok := toneClasses[tone]; ok {
		return class
	}
	return toneClasses[models.ToneNeutral]
}

// ToneFill is the pale ground and the text colour of a tone.
func ToneFill(tone models.Tone) string { return toneOf(tone).pill }

// ToneDot is the strong colour of a tone, for small marks.
func ToneDot(tone models.Tone) string { return toneOf(tone).dot }

// ToneBar fills the bar of a chart with the strong colour of a tone.
func ToneBar(tone models.Tone) string { return toneOf(tone).bar }

func badgeText(b Badge) string {
	if b.Note == "" {
		return b.Label
	}
	return b.Label + " · " + b.Note
}
