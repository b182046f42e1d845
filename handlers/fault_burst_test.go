package handlers_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// How long an answer takes under such a load is measured by make bench.
func TestBurstOfSubmitsLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("is a load, and its bound on memory is that of the program without the race detector")
	}
	const clients = 50
	submits := handlerstest.Load(1_000, 10_000)
	app := handlerstest.Start(t)
	names := make([]string, submits)
	var crowd sync.WaitGroup
	for client := range clients {
		crowd.Go(func() {
			for i := client; i < submits; i += clients {
				names[i] = fmt.Sprintf("Visitor %d", i)
				app.MustSubmit(names[i])
			}
		})
	}
	crowd.Wait()
	if memory := app.ResidentMB(); memory > 512 {
		t.Errorf("after the burst it holds %d MB", memory)
	}
	app.CheckInvariants(3*time.Minute, 0, names...)
	if memory := app.ResidentMB(); memory > 512 {
		t.Errorf("when all is sent it holds %d MB", memory)
	}
}
