package ui

// Kind is the weight of a button: at most one Primary on a page; Danger leads to
// destruction and Destroy does it; Quiet has no border.
type Kind string

// The kinds of buttons.
const (
	Plain   Kind = "plain"
	Primary Kind = "primary"
	Danger  Kind = "danger"
	Destroy Kind = "destroy"
	Quiet   Kind = "quiet"
)

const (
	buttonBase = "print:hidden inline-flex h-8 shrink-0 cursor-pointer items-center justify-center gap-1.5 rounded-md border px-2.5 text-sm sm:px-3 font-medium whitespace-nowrap select-none"
	iconBase   = "print:hidden inline-flex size-8 shrink-0 cursor-pointer items-center justify-center rounded-md border select-none"
)

var kindClasses = map[Kind]string{
	Plain:   "border-edge bg-panel text-ink hover:bg-subtle",
	Primary: "border-transparent bg-accent text-white hover:bg-accent-hover",
	Danger:  "border-edge bg-panel text-danger hover:border-danger-edge hover:bg-negative-fill",
	Destroy: "border-transparent bg-destroy text-white hover:bg-destroy-hover",
	Quiet:   "border-transparent text-soft hover:bg-subtle hover:text-ink",
}

// ButtonClass dresses an element that isn't made by Button: a summary, a label.
func ButtonClass(kind Kind) string { return buttonBase + " " + kindClasses[kind] }

// IconButtonClass is ButtonClass for a square with only an icon in it.
func IconButtonClass(kind Kind) string { return iconBase + " " + kindClasses[kind] }

// KindOf chooses the weight of an action.
func KindOf(primary, danger bool) Kind {
	switch {
	case danger:
		return Danger
	case primary:
		return Primary
	}
	return Plain
}
