package handlers_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// gauges are what a web process tells of itself at one moment.
type gauges struct{ megabytes, goroutines, descriptors float64 }

var gauge = regexp.MustCompile(`(?m)^(process_resident_memory_bytes|go_goroutines|process_open_fds) (\S+)$`)

func readGauges(t *testing.T, app *handlerstest.App) gauges {
	t.Helper()
	told := map[string]float64{}
	for _, match := range gauge.FindAllStringSubmatch(app.Get("/metrics").Body, -1) {
		value, err := strconv.ParseFloat(match[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		told[match[1]] = value
	}
	return gauges{told["process_resident_memory_bytes"] / 1e6, told["go_goroutines"], told["process_open_fds"]}
}

// soak is a web process under everything at once, and what was counted of it.
type soak struct {
	t                                 *testing.T
	app                               *handlerstest.App
	over                              chan struct{}
	work                              sync.WaitGroup
	pages, logins, refusals, failures atomic.Int64
	accepted                          []string // by one client
}

// every does something again and again until the soak is over, and counts what comes of
// it: a 503 is the answer of a machine that has too much to do.
func (s *soak) every(pause time.Duration, do func() (status int, err error)) {
	s.work.Go(func() {
		ticks := time.NewTicker(pause)
		defer ticks.Stop()
		for {
			select {
			case <-s.over:
				return
			case <-ticks.C:
				switch status, err := do(); {
				case err == nil && status == http.StatusOK:
				case err == nil && status == http.StatusServiceUnavailable:
					s.refusals.Add(1)
				default:
					s.failures.Add(1)
					s.t.Log(status, err)
				}
			}
		}
	})
}

// openPage keeps a page of the back office open that asks for news, on a connection of
// its own and at moments of its own.
func (s *soak) openPage(cookies string) {
	const pause = 25 * time.Second
	time.AfterFunc(rand.N(pause), func() { s.keepOpen(cookies, pause) })
}

func (s *soak) keepOpen(cookies string, pause time.Duration) {
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	s.every(pause, func() (int, error) {
		request, err := http.NewRequest(http.MethodGet, s.app.URL+"/admin/queue/", nil)
		if err != nil {
			return 0, err
		}
		request.Header.Set("Cookie", cookies)
		answer, err := client.Do(request)
		if err != nil {
			return 0, err
		}
		defer func() { _ = answer.Body.Close() }() // read to its end
		s.pages.Add(1)
		_, err = io.Copy(io.Discard, answer.Body)
		return answer.StatusCode, err
	})
}

// An hour of open pages, submits, logins and killed workers leaves the web process as it
// was: what grows between the second and the last quarter would grow for ever.
func TestSoakLeavesMemoryGoroutinesAndDescriptorsFlat(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("TEST_SOAK"))
	if err != nil {
		t.Skip("takes as long as make soak says in TEST_SOAK")
	}
	open, err := strconv.Atoi(os.Getenv("TEST_SOAK_PAGES"))
	if err != nil {
		t.Fatalf("TEST_SOAK_PAGES: %v", err)
	}
	handlerstest.NeedsServers(t)
	app := handlerstest.Prepare(t, "WORKERS_IN_PROCESS=0")
	app.Serve()
	app.CreateSuperuser()
	s := &soak{t: t, app: app, over: make(chan struct{})}
	cookies := app.Login().CookieHeader()
	for range open {
		s.openPage(cookies)
	}
	submits := 0
	s.every(200*time.Millisecond, func() (int, error) {
		submits++
		name := fmt.Sprintf("Visitor %d", submits)
		answer := app.PostJSON("/api/contact", contact(quoted(name), anns, hello))
		if answer.Status == http.StatusOK {
			s.accepted = append(s.accepted, name)
		}
		return answer.Status, nil
	})
	s.every(2*time.Second, func() (int, error) {
		s.logins.Add(1)
		return app.PostJSON("/api/token/pair", `{"username":"`+handlerstest.Username+`","password":"`+handlerstest.Password+`"}`).Status, nil
	})
	seen, kills := s.watch(t, length)
	close(s.over)
	s.work.Wait()
	app.CheckInvariants(afterKill, kills*8, s.accepted...)
	t.Logf("in %v with %d open pages: %d pages, %d submits, %d logins, %d killed workers, %d answers of 503, %d failures", length, open, s.pages.Load(), len(s.accepted), s.logins.Load(), kills, s.refusals.Load(), s.failures.Load())
	if s.failures.Load() > 0 {
		t.Errorf("%d requests failed:\n%s", s.failures.Load(), strings.Join(regexp.MustCompile(`(?m)^.*level=ERROR.*$`).FindAllString(app.Log(), 5), "\n"))
	}
	wantFlat(t, seen)
}

// watch kills a worker every minute and reads the gauges 40 times.
func (s *soak) watch(t *testing.T, length time.Duration) (seen []gauges, kills int) {
	t.Helper()
	const readings = 40
	worker, killed, start := s.app.Worker(), time.Now(), time.Now()
	for reading := range readings {
		time.Sleep(time.Until(start.Add(length * time.Duration(reading+1) / readings)))
		seen = append(seen, readGauges(t, s.app))
		t.Logf("after %5.0f s: %4.0f MB, %4.0f goroutines, %4.0f descriptors", time.Since(start).Seconds(), seen[reading].megabytes, seen[reading].goroutines, seen[reading].descriptors)
		if time.Since(killed) >= time.Minute {
			worker.Kill()
			worker, killed = s.app.Worker(), time.Now()
			kills++
		}
	}
	return seen, kills
}

// wantFlat compares the second quarter of the readings with the last.
func wantFlat(t *testing.T, seen []gauges) {
	t.Helper()
	quarter := len(seen) / 4
	for _, g := range []struct {
		what  string
		of    func(gauges) float64
		slack float64 // that noise takes
	}{
		{"MB", func(g gauges) float64 { return g.megabytes }, 16},
		{"goroutines", func(g gauges) float64 { return g.goroutines }, 40},
		{"descriptors", func(g gauges) float64 { return g.descriptors }, 40},
	} {
		early, late := 0.0, 0.0
		for i := range quarter {
			early += g.of(seen[quarter+i]) / float64(quarter)
			late += g.of(seen[3*quarter+i]) / float64(quarter)
		}
		t.Logf("%s: %.0f in the second quarter, %.0f in the last", g.what, early, late)
		if late > early*1.1+g.slack {
			t.Errorf("%s grow: %.0f in the second quarter, %.0f in the last", g.what, early, late)
		}
	}
}
