package staff

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// The plot's own units; the browser stretches their width to the panel.
const (
	plotWidth  = 640
	plotHeight = 176
	barLeast   = 3 // so that one among thousands can still be seen
)

var (
	plotBox  = fmt.Sprintf("0 0 %d %d", plotWidth, plotHeight+1)
	barBox   = fmt.Sprintf("0 0 10 %d", plotHeight)
	plotBase = fmt.Sprintf("M0 %d.5H%d", plotHeight, plotWidth)
)

func (b Bar) total() (sum int) {
	for _, value := range b.Values {
		sum += value
	}
	return sum
}

// quiet tells whether nothing happened in the chart's time.
func (c Chart) quiet() bool {
	return c.Empty != "" && !slices.ContainsFunc(c.Bars, func(b Bar) bool { return b.total() > 0 })
}

// top is the number at the end of the scale: even, so that its half is one too.
func (c Chart) top() int {
	most := 2
	for _, b := range c.Bars {
		most = max(most, b.total())
	}
	unit := 1
	for most > 10*unit {
		unit *= 10
	}
	return (most + 2*unit - 1) / (2 * unit) * (2 * unit)
}

// segment is a part of a bar in the plot's units, ready to be attributes.
type segment struct{ y, height, class string }

func (c Chart) segments(b Bar) []segment {
	scale, y := float64(plotHeight-barLeast)/float64(c.top()), float64(plotHeight)
	segments := make([]segment, len(c.Parts))
	for i, value := range b.Values {
		high := height(value, scale)
		y -= high
		segments[i] = segment{units(y), units(high), ui.ToneBar(c.Parts[i].Tone)}
	}
	return segments
}

// said tells of a bar in words.
func (c Chart) said(ctx context.Context, b Bar) string {
	words := make([]string, len(c.Parts))
	for i, part := range c.Parts {
		words[i] = part.Label + " " + i18n.Number(ctx, b.Values[i])
	}
	if len(words) == 1 {
		return b.Label + ": " + words[0]
	}
	// What stands above the bar is said too: it is what people who speak to their computer read out.
	return b.Label + ": " + i18n.Number(ctx, b.total()) + " (" + strings.Join(words, ", ") + ")"
}

func height(n int, scale float64) float64 {
	if n == 0 {
		return 0
	}
	return max(barLeast, float64(n)*scale)
}

func units(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
