package staff

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"digitalpath/views/i18n"
)

// The plot's own units; the browser stretches their width to the panel.
const (
	plotWidth  = 640
	plotHeight = 176
	barGap     = 2 // between what was sent and what failed
	barLeast   = 3 // so that one among thousands can still be seen
)

var (
	plotBox  = fmt.Sprintf("0 0 %d %d", plotWidth, plotHeight+1)
	plotBase = fmt.Sprintf("M0 %d.5H%d", plotHeight, plotWidth)
)

// bar is one day in the plot's units, ready to be attributes.
type bar struct {
	title, x, width       string
	sentY, sentHeight     string
	failedY, failedHeight string
}

func bars(ctx context.Context, days []ChartDay) []bar {
	most := 1
	for _, d := range days {
		most = max(most, d.Sent+d.Failed)
	}
	scale := float64(plotHeight-barGap-barLeast) / float64(most)
	slot := float64(plotWidth) / float64(len(days))
	all := make([]bar, len(days))
	for i, d := range days {
		sent, failed := height(d.Sent, scale), height(d.Failed, scale)
		all[i] = bar{
			title:        fmt.Sprintf("%s: %s", i18n.Day(ctx, d.Date), i18n.T(ctx, "%d sent, %d failed", d.Sent, d.Failed)),
			x:            units(float64(i)*slot + slot/6),
			width:        units(slot * 2 / 3),
			sentY:        units(plotHeight - sent),
			sentHeight:   units(sent),
			failedY:      units(plotHeight - sent - failed - barGap),
			failedHeight: units(failed),
		}
	}
	return all
}

func height(n int, scale float64) float64 {
	if n == 0 {
		return 0
	}
	return max(barLeast, float64(n)*scale)
}

// quiet tells whether there are days to show, and nothing happened on any of them.
func quiet(days []ChartDay) bool {
	return len(days) > 0 && !slices.ContainsFunc(days, func(d ChartDay) bool { return d.Sent+d.Failed > 0 })
}

// chartSummary is the picture in one sentence.
func chartSummary(ctx context.Context, days []ChartDay) string {
	var sent, failed int
	for _, d := range days {
		sent, failed = sent+d.Sent, failed+d.Failed
	}
	return i18n.T(ctx, "%d sent, %d failed", sent, failed)
}

func units(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
