package handlers_test

import (
	"encoding/json"
	"fmt"
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

func TestFullRedisHoldsUpNeitherSubmitsNorMail(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	app.Worker()
	app.Redis.Do("CONFIG", "SET", "maxmemory", "1")
	start := time.Now()
	names := submitMany(app, 5)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("5 submits took %v", took)
	}
	app.CheckInvariants(60*time.Second, 0, names...)
	app.Redis.Do("CONFIG", "SET", "maxmemory", "0")
	app.MustSubmit("Afterwards")
	app.CheckInvariants(60*time.Second, 0, "Afterwards")
}

func TestFrozenRedisHoldsUpNoSubmit(t *testing.T) {
	t.Parallel()
	app := withRedis(t)
	app.Serve()
	app.Worker()
	app.Redis.Freeze()
	for i := range 5 {
		start := time.Now()
		app.MustSubmit(fmt.Sprintf("Visitor %d", i))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("submit %d took %v", i, took)
		}
	}
	app.Redis.Thaw()
	app.CheckInvariants(60*time.Second, 0, "Visitor 0", "Visitor 1", "Visitor 2", "Visitor 3", "Visitor 4")
}

func TestGarbageInTheQueueIsSetAsideAndHoldsUpNothing(t *testing.T) {
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
			strings.Contains(app.Get("/readyz").Body, "set aside")
	})
	if !strings.Contains(app.Get("/metrics").Body, "queue_jobs_dead") {
		t.Error("/metrics does not count what was set aside")
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
