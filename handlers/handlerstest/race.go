//go:build race

package handlerstest

const raceEnabled = true
