package handlerstest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
)

// Raw sends bytes as they are and reads the answer to them.
func (a *App) Raw(request string) Answer {
	a.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // its answer is all that counts
	go func() {
		_, _ = io.WriteString(conn, request) // cut short where the answer comes before its end
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		a.t.Fatalf("%.200q: %v", request, err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatalf("%.200q: %v", request, err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(text), t: a.t}
}
