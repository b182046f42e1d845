package doctor

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// littleSpace is how much of a disk must be free, in bytes; of a smaller one a tenth.
	littleSpace = 1 << 30
	noSpace     = littleSpace / 16
)

// disk looks at the folders that this process writes to.
func (d *Doctor) disk(context.Context) []Finding {
	folders := []string{"."}
	if path, ok := strings.CutPrefix(d.Config.DatabaseURL, "sqlite:///"); ok {
		folders = []string{filepath.Dir(path)}
	}
	if d.Config.Mailbox {
		folders = append(folders, filepath.Dir(d.Config.EmailFilePath))
	}
	var findings []Finding
	for _, folder := range slices.Compact(folders) {
		if whole, err := filepath.Abs(folder); err == nil {
			folder = whole
		}
		free, total, err := d.Space(folder)
		size := fmt.Sprintf("%.1f", float64(free)/(1<<30))
		switch {
		case err != nil: // a folder that is made when it is needed
		case free < min(noSpace, total/100):
			findings = append(findings, failed("The disk of %s is full: %s GB are free.", folder, size).mend("df -h %s && du -xh %s | sort -h | tail", folder, folder))
		case free < min(littleSpace, total/10):
			findings = append(findings, warn("The disk of %s is nearly full: %s GB are free.", folder, size).mend("df -h %s && du -xh %s | sort -h | tail", folder, folder))
		default:
			findings = append(findings, ok("%s GB are free on the disk of %s.", size, folder))
		}
	}
	return findings
}
