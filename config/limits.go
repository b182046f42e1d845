package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Limit allows N events per Per, counted by "ip", "key" or "user".
type Limit struct {
	N   int
	Per time.Duration
	By  string
}

// Limits is allauth's notation of rates, e.g. "10/m/ip,5/5m/key"; "off" is none.
type Limits []Limit

var limitShape = regexp.MustCompile(`^(\d{1,6})/(\d{0,4})([smhd])/(ip|key|user)$`)

// UnmarshalText parses the notation.
func (l *Limits) UnmarshalText(text []byte) error {
	*l = nil
	if string(text) == "off" {
		return nil
	}
	for part := range strings.SplitSeq(string(text), ",") {
		match := limitShape.FindStringSubmatch(strings.TrimSpace(part))
		if match == nil {
			return fmt.Errorf("%q is not a rate such as 10/m/ip or 5/5m/key", part)
		}
		n, _ := strconv.Atoi(match[1]) // digits only, by limitShape
		count := 1
		if match[2] != "" {
			count, _ = strconv.Atoi(match[2])
		}
		unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[match[3]]
		if n == 0 || count == 0 {
			return fmt.Errorf("%q allows nothing; write off to turn a limit off", part)
		}
		*l = append(*l, Limit{N: n, Per: time.Duration(count) * unit, By: match[4]})
	}
	return nil
}

// String is the notation again.
func (l Limits) String() string {
	if len(l) == 0 {
		return "off"
	}
	var parts []string
	for _, limit := range l {
		for _, unit := range []struct {
			per  time.Duration
			name string
		}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
			if limit.Per%unit.per != 0 {
				continue
			}
			count := ""
			if n := limit.Per / unit.per; n > 1 {
				count = strconv.Itoa(int(n))
			}
			parts = append(parts, fmt.Sprintf("%d/%s%s/%s", limit.N, count, unit.name, limit.By))
			break
		}
	}
	return strings.Join(parts, ",")
}
