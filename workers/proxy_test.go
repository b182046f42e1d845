package workers

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// proxy stands before a Redis, so that a test can take it away.
type proxy struct {
	net.Listener
	target string
	mu     sync.Mutex
	conns  []net.Conn
	hang   atomic.Bool // accepts, but never answers
}

// throughProxy lets the processes reach Redis only through what is returned.
func (f *fixture) throughProxy() *proxy {
	f.Helper()
	server, err := startEmbedded()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(server.stop)
	listener := listen(f, func() string { return "127.0.0.1:" + handlerstest.FreePort(f) })
	p := &proxy{Listener: listener, target: server.server.Addr()}
	f.server = server
	f.redis = strings.Replace(server.url, p.target, listener.Addr().String(), 1)
	f.Cleanup(p.down)
	go p.serve()
	return p
}

func (p *proxy) serve() {
	listener := p.Listener
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.conns = append(p.conns, conn)
		p.mu.Unlock()
		if p.hang.Load() {
			continue
		}
		go func() {
			upstream, err := net.Dial("tcp", p.target)
			if err != nil {
				conn.Close()
				return
			}
			go io.Copy(upstream, conn)
			io.Copy(conn, upstream)
			conn.Close()
			upstream.Close()
		}()
	}
}

// drop breaks what is connected.
func (p *proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.Close()
	}
	p.conns = nil
}

func (p *proxy) down() {
	p.Listener.Close()
	p.drop()
}

func (p *proxy) up(t *testing.T) {
	p.Listener = listen(t, p.Addr().String)
	go p.serve()
}

// listen tries again where another test just looks whether the port is free.
func listen(t testing.TB, address func() string) (listener net.Listener) {
	t.Helper()
	handlerstest.Eventually(t, 5*time.Second, "the proxy can listen", func() bool {
		var err error
		listener, err = net.Listen("tcp", address())
		return err == nil
	})
	return listener
}
