package main

import (
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

func TestHealthTellsWhetherServeLives(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "PORT="+handlerstest.FreePort(t))
	want := func(state string, code int, says string) {
		t.Helper()
		probe := handlerstest.Spawn(t, app.Env(), "health")
		got := probe.Wait(2 * healthTime)
		if got != code || !strings.Contains(probe.Log(), says) || strings.Count(probe.Log(), "\n") != 1 {
			t.Errorf("of a serve that %s: exit code %d, want %d and a line with %q:\n%s", state, got, code, says, probe.Log())
		}
	}
	want("lives", 0, "ok")
	app.Freeze()
	want("hangs", 1, "deadline exceeded")
	app.Thaw()
	if code := app.Stop(10 * time.Second); code != 0 {
		t.Fatalf("serve ended with %d", code)
	}
	want("ended", 1, "connection refused")
}
