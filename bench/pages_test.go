package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// pages tells what every address costs that reads, with 1,000 rows of each model: the pages
// of the back office, the probes, and the routes of the API.
func pages(b *testing.B) (lines []line) {
	const n = 100
	app := filled(b, 1_000)
	read := readerOf(b, app)
	for _, path := range addresses(b, app) {
		if strings.Contains(path, "?") {
			continue // a state of a list, which growth asks for
		}
		size := len(read(path))
		start := time.Now()
		cost := costOf(b, app.DB, app.PID(), n, func() {
			for range n {
				read(path)
			}
		})
		took := time.Since(start)
		lines = append(lines, line{what: path + ", one at a time", ours: fmt.Sprintf("%.0f/s, %d KB", perSecond(n, took), size>>10), cost: cost})
	}
	app.Kill()
	return lines
}
