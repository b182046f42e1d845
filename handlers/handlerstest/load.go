package handlerstest

import "os"

// Load is how many submits, kills or seconds a test of a load takes: few in make test,
// all where make test-faults sets TEST_FAULTS.
func Load[T any](few, all T) T {
	if os.Getenv("TEST_FAULTS") != "" {
		return all
	}
	return few
}
