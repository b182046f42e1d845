package handlers_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// dial opens a connection to the program that ends with the test.
func dial(t *testing.T, app *handlerstest.App) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the program may have closed it
	return conn
}

// A proxy keeps connections: it must hear of the end before they are closed.
func TestStopIsAnnounced(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	kept := dial(t, app)
	answers := bufio.NewReader(kept)
	ask := func(path string) *http.Response {
		t.Helper()
		if _, err := io.WriteString(kept, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		return response
	}
	if ready := ask("/readyz"); ready.StatusCode != http.StatusOK || ready.Close {
		t.Errorf("before the stop: %d, closed %v", ready.StatusCode, ready.Close)
	}
	stopped := make(chan int)
	go func() { stopped <- app.Stop(10 * time.Second) }()
	handlerstest.Eventually(t, 2*time.Second, "/readyz says so, to new connections", func() bool { return app.Get("/readyz").Status == http.StatusServiceUnavailable })
	if hello := ask("/api/hello"); hello.StatusCode != http.StatusOK || !hello.Close {
		t.Errorf("over a kept connection: %d, closed %v", hello.StatusCode, hello.Close)
	}
	if _, err := answers.ReadByte(); err != io.EOF {
		t.Errorf("after its answer the connection is %v", err)
	}
	app.MustSubmit("Ada")
	if code := <-stopped; code != 0 {
		t.Errorf("exit code %d", code)
	}
	app.Serve()
	app.CheckInvariants(60*time.Second, 0, "Ada")
}

// deaf asks for more than the kernel holds, over and over, and reads nothing of it.
func deaf(t *testing.T, app *handlerstest.App) {
	t.Helper()
	conn := dial(t, app)
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(conn, strings.Repeat("GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", 500)) // it blocks, or is cut off
	}()
}

func TestClientsThatNeverReadAreLetGo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for a time-out of 20 s")
	}
	app := handlerstest.Start(t)
	for range 40 {
		deaf(t, app)
	}
	handlerstest.Eventually(t, 10*time.Second, "they are connected", func() bool { return app.Connections() >= 40 })
	handlerstest.Eventually(t, 45*time.Second, "they are let go", func() bool { return app.Connections() < 10 })
	wantAnswer(t, app.Get("/api/hello"), http.StatusOK, `{"message":"Hello World"}`)
}

func TestClientsThatNeverReadHoldUpNoStop(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	deaf(t, app)
	handlerstest.Eventually(t, 10*time.Second, "it is connected", func() bool { return strings.Contains(app.Log(), "path=/api/openapi.json") })
	if code := app.Stop(10 * time.Second); code != 0 {
		t.Errorf("exit code %d:\n%s", code, app.Log())
	}
}
