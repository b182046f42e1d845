package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// The keys of the job queue, as seen from outside the program.
const (
	jobs  = "digitalpath:jobs:mail"
	retry = "digitalpath:retry"
	dead  = "digitalpath:dead"
)

// withRedis prepares an app whose Redis the test may hurt.
func withRedis(t *testing.T, env ...string) *handlerstest.App {
	t.Helper()
	handlerstest.NeedsServers(t)
	return handlerstest.Prepare(t, append([]string{"WORKERS_IN_PROCESS=0"}, env...)...)
}

// submitMany submits that often, each under a name of its own.
func submitMany(app *handlerstest.App, count int) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("Visitor %d", i)
		app.MustSubmit(names[i])
	}
	return names
}

func TestWithRedisDownTheWebProcessSendsByItself(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	app.Redis.Kill()
	start := time.Now()
	names := submitMany(app, 20)
	if each := time.Since(start) / 20; each > 2*time.Second {
		t.Errorf("a submit takes %v", each)
	}
	app.CheckInvariants(60*time.Second, 0, names...)
	seconds := int(time.Since(start).Seconds()) + 1
	if lines := strings.Count(app.Log(), "Redis is down"); lines == 0 || lines > seconds {
		t.Errorf("%d lines about the outage in %d s", lines, seconds)
	}
	if ready := app.Get("/readyz"); ready.Status != 200 || ready.JSON()["status"] != "degraded" || !strings.Contains(ready.Body, "Redis does not answer") {
		t.Errorf("/readyz: %d %s", ready.Status, ready.Body)
	}
}

func TestRedisThatDiesDuringAJobAndComesBackCostsNothing(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	killed := make(chan struct{})
	app.Mails.OnMail = func(delivery int) error {
		if delivery == 1 {
			app.Redis.Kill()
			close(killed)
		}
		return nil
	}
	app.Serve()
	worker := app.Worker()
	names := submitMany(app, 5)
	<-killed
	app.MustSubmit("While it is down")
	app.CheckInvariants(60*time.Second, 0, append(names, "While it is down")...)
	app.Redis.Start()
	handlerstest.Eventually(t, 60*time.Second, "the worker sees it again", func() bool { return strings.Contains(worker.Log(), "Redis is back") })
	app.MustSubmit("After it came back")
	app.CheckInvariants(60*time.Second, 0, "After it came back")
	if !worker.Running() {
		t.Error("the worker ended with Redis")
	}
	if lines := strings.Count(worker.Log(), "\n"); lines > 200 {
		t.Errorf("the worker logged %d lines", lines)
	}
}

func TestFlushedRedisWith500QueuedCostsNoMail(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	names := submitMany(app, 500)
	handlerstest.Eventually(t, 30*time.Second, "500 jobs are queued", func() bool { return app.Redis.Do("LLEN", jobs) == int64(500) })
	app.Redis.Do("FLUSHALL")
	app.Worker()
	app.CheckInvariants(60*time.Second, 0, names...)
	if mails := len(app.Mails.Accepted()); mails != 500 {
		t.Errorf("%d mails", mails)
	}
}

func TestProcessesThatStartBeforeRedisWorkOnceItIsThere(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Redis.Kill()
	start := time.Now()
	app.Serve()
	worker := app.Worker()
	app.MustSubmit("Before")
	app.CheckInvariants(60*time.Second, 0, "Before")
	if lines := strings.Count(worker.Log(), "\n"); lines > int(time.Since(start).Seconds())+3 {
		t.Errorf("%d lines in %v:\n%s", lines, time.Since(start), worker.Log())
	}
	app.Redis.Start()
	handlerstest.Eventually(t, 60*time.Second, "the worker sends", func() bool {
		name := fmt.Sprintf("Afterwards %d", time.Now().UnixNano())
		app.MustSubmit(name)
		app.CheckInvariants(60*time.Second, 0, name)
		return strings.Contains(app.Attempts(name)[0].Worker, " worker ")
	})
}

// redisFaults are what a Redis does that is there and of no use.
var redisFaults = []struct {
	what       string
	hurt, mend func(*handlerstest.App, *handlerstest.Gate)
}{
	{"out of memory",
		func(app *handlerstest.App, _ *handlerstest.Gate) { app.Redis.Do("CONFIG", "SET", "maxmemory", "1") },
		func(app *handlerstest.App, _ *handlerstest.Gate) { app.Redis.Do("CONFIG", "SET", "maxmemory", "0") }},
	{"read-only, as a replica of one that is gone",
		func(app *handlerstest.App, _ *handlerstest.Gate) { app.Redis.Do("REPLICAOF", "127.0.0.1", "1") },
		func(app *handlerstest.App, _ *handlerstest.Gate) { app.Redis.Do("REPLICAOF", "NO", "ONE") }},
	{"silent",
		func(app *handlerstest.App, _ *handlerstest.Gate) { app.Redis.Freeze() },
		func(app *handlerstest.App, _ *handlerstest.Gate) { app.Redis.Thaw() }},
	{"3 s slow",
		func(_ *handlerstest.App, gate *handlerstest.Gate) { gate.Delay(3 * time.Second) },
		func(_ *handlerstest.App, gate *handlerstest.Gate) { gate.Delay(0) }},
}

func TestRedisThatIsOfNoUseHoldsUpNeitherSubmitsNorMail(t *testing.T) {
	t.Parallel()
	for _, fault := range redisFaults {
		t.Run(fault.what, func(t *testing.T) {
			t.Parallel()
			app := withRedis(t)
			gate := handlerstest.NewGate(t, strings.TrimSuffix(strings.TrimPrefix(app.Redis.URL, "redis://"), "/0"))
			gate.Open()
			behind := []string{"CELERY_BROKER_URL=redis://" + gate.Address + "/0", "RATE_LIMIT_CONTACT=1000/m/ip"} // the limiter asks Redis too
			app.Serve(behind...)
			worker := app.Worker(behind...)
			app.MustSubmit("Before")
			app.CheckInvariants(60*time.Second, 0, "Before")
			fault.hurt(app, gate)
			start := time.Now()
			var names []string
			for i := range 5 {
				names = append(names, fmt.Sprintf("Meanwhile %d", i))
				asked := time.Now()
				app.MustSubmit(names[i])
				if took := time.Since(asked); took > 2*time.Second {
					t.Errorf("submit %d took %v", i, took)
				}
			}
			app.CheckInvariants(60*time.Second, 0, names...) // before it is mended
			seconds := int(time.Since(start).Seconds()) + 1
			for _, log := range []string{app.Log(), worker.Log()} {
				if lines := strings.Count(log, "is down"); lines > 2*seconds { // the queue's and the limiter's
					t.Errorf("%d lines about it in %d s", lines, seconds)
				}
			}
			fault.mend(app, gate)
			handlerstest.Eventually(t, 60*time.Second, "the worker sends again", func() bool {
				name := fmt.Sprintf("Afterwards %d", time.Now().UnixNano())
				app.MustSubmit(name)
				app.CheckInvariants(60*time.Second, 0, name)
				return strings.Contains(app.Attempts(name)[0].Worker, " worker ")
			})
			app.CheckInvariants(60*time.Second, 0, append(names, "Before")...)
		})
	}
}

func TestGarbageInTheQueueIsADeadLetterAndHoldsUpNothing(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	for _, garbage := range []string{
		"not json", "{}", "null", `{"name":"mail"}`, `{"name":"mail","id":"a","args":{"id":7}}`,
		`{"name":"mail","id":"b","args":{"id":"seven"}}`, `{"name":"mail","id":"c","args":{"id":"999999"}}`, "\xff\x00",
	} {
		app.Redis.Do("LPUSH", jobs, garbage)
		app.Redis.Do("ZADD", retry, 1, garbage)
	}
	app.Worker()
	names := submitMany(app, 10)
	app.CheckInvariants(60*time.Second, 0, names...)
	handlerstest.Eventually(t, 60*time.Second, "garbage is out of the way and shown", func() bool {
		return app.Redis.Do("LLEN", jobs) == int64(0) && app.Redis.Do("ZCARD", retry) == int64(0) &&
			app.Redis.Do("ZCARD", dead) == int64(0) && rowsOf(t, app, (*models.DeadLetter)(nil)) >= 7
	})
	if ready := app.Get("/readyz").Body; !strings.Contains(ready, " dead letters.") {
		t.Errorf("/readyz: %s", ready)
	}
	if metrics := app.Get("/metrics").Body; !strings.Contains(metrics, "\nqueue_jobs_dead ") || strings.Contains(metrics, "\nqueue_jobs_dead 0\n") {
		t.Error("/metrics does not count dead letters")
	}
	app.CreateSuperuser()
	if page := app.Login().Get(deadURL); !strings.Contains(page.Text(), "no mail id") || !page.Row("garbage").Has("td") {
		t.Errorf("the list does not say what is wrong: %s", page.Text())
	}
}

// Deleting a message whose job is queued must not degrade /readyz for ever.
func TestJobOfADeletedMessageIsNoDeadLetter(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	app.CreateSuperuser()
	staff := app.Login()
	app.MustSubmit("Ada")
	handlerstest.Eventually(t, 20*time.Second, "the job is queued", func() bool { return app.Redis.Do("LLEN", jobs) == int64(1) })
	list := "/admin/contact-messages/"
	staff.Post(staff.Get(list), list, url.Values{"action": {"delete"}, "id": {itoa(app.Message("Ada").ID)}, "confirm": {"yes"}})
	app.Worker()
	handlerstest.Eventually(t, 20*time.Second, "the job is taken", func() bool { return app.Redis.Do("LLEN", jobs) == int64(0) })
	app.MustSubmit("Grace")
	app.CheckInvariants(20*time.Second, 0, "Grace")
	if kept := rowsOf(t, app, (*models.DeadLetter)(nil)); app.Redis.Do("ZCARD", dead) != int64(0) || kept != 0 || len(app.Mails.Accepted()) != 1 {
		t.Errorf("%v dead letters and %v kept, %d mails", app.Redis.Do("ZCARD", dead), kept, len(app.Mails.Accepted()))
	}
}

func TestTheSameJob50TimesSendsOneMail(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	app.MustSubmit("Ada")
	handlerstest.Eventually(t, 20*time.Second, "the job is queued", func() bool { return app.Redis.Do("LLEN", jobs) == int64(1) })
	job, err := redis.Bytes(app.Redis.Do("LINDEX", jobs, 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		var again map[string]any
		if err := json.Unmarshal(job, &again); err != nil {
			t.Fatal(err)
		}
		again["id"] = fmt.Sprintf("again%d", i)
		copied, err := json.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		app.Redis.Do("LPUSH", jobs, copied)
	}
	app.Worker()
	app.Worker()
	handlerstest.Eventually(t, 60*time.Second, "the queue is empty", func() bool { return app.Redis.Do("LLEN", jobs) == int64(0) })
	app.CheckInvariants(60*time.Second, 0, "Ada")
	if mails, attempts := len(app.Mails.Accepted()), len(app.Attempts("Ada")); mails != 1 || attempts != 1 {
		t.Errorf("%d mails in %d attempts", mails, attempts)
	}
	if status := app.Message("Ada").Status; status != models.ContactSent {
		t.Errorf("it is %s", status)
	}
}
