package handlers_test

import (
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

var residentMemory = regexp.MustCompile(`(?m)^process_resident_memory_bytes (\S+)$`)

// memory is what the program takes, in bytes.
func memory(t *testing.T, app *handlerstest.App) float64 {
	t.Helper()
	match := residentMemory.FindStringSubmatch(app.Get("/metrics").Body)
	if match == nil {
		t.Fatal("the metrics do not tell the memory")
	}
	bytes, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

func TestManyLoginsAtOnceLeaveTheProgramResponsive(t *testing.T) {
	if testing.Short() {
		t.Skip("its bounds are those of the program without the race detector")
	}
	a := startAccounts(t)
	a.verified("ann")
	a.imported("django", djangoHashes["argon2id"]) // 100 MiB for one try
	var logins sync.WaitGroup
	statuses := make(chan int, handlerstest.Load(50, 200))
	for i := range cap(statuses) {
		logins.Go(func() {
			name := "ann"
			if i%(cap(statuses)/4) == 0 {
				name = "django"
			}
			statuses <- a.tryLogin(name, goodPassword).Status
		})
	}
	done := make(chan struct{})
	go func() {
		logins.Wait()
		close(done)
	}()
	var slowest time.Duration
	var most float64
	for running := true; running; {
		start := time.Now()
		wantOK(t, "/healthz meanwhile", a.Get("/healthz"))
		slowest, most = max(slowest, time.Since(start)), max(most, memory(t, a.App))
		select {
		case <-done:
			running = false
		default:
		}
	}
	close(statuses)
	counts := map[int]int{}
	for status := range statuses {
		counts[status]++
	}
	t.Logf("answers %v, slowest /healthz %v, %.0f MB", counts, slowest, most/1e6)
	if slowest > time.Second || most > 512e6 {
		t.Errorf("slowest /healthz %v, %.0f MB", slowest, most/1e6)
	}
	if counts[http.StatusOK] == 0 || counts[http.StatusOK]+counts[http.StatusUnauthorized]+counts[http.StatusServiceUnavailable] != cap(statuses) {
		t.Errorf("answers %v", counts)
	}
}
