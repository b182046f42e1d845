package workers

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
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
	listener, err := net.Listen("tcp", p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p.Listener = listener
	go p.serve()
}
