package handlers

import (
	"io"
	"net"
	"time"
)

const (
	// writeTimeout is how long a client may take to read each writeChunk of an answer.
	writeTimeout = 20 * time.Second
	writeChunk   = 64 << 10
	// What still comes of a request that is refused is read and dropped, for so long and
	// so many bytes.
	lingerTime = 5 * time.Second
	lingerSize = 64 << 20
)

// connections takes connections that bound how slow a client may be, and that let an
// early refusal arrive.
type connections struct{ net.Listener }

// Accept implements net.Listener.
func (l connections) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &connection{Conn: conn, opened: time.Now()}, nil
}

type connection struct {
	net.Conn
	opened time.Time
	unread bool // answered before the request had come to its end
}

// Write fails where the client does not read. A deadline for the whole answer would
// either be long or cut off a slow line.
func (c *connection) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		if err = c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			break
		}
		var written int
		written, err = c.Conn.Write(p[n:min(n+writeChunk, len(p))])
		n += written
	}
	return n, err
}

// Close takes what still comes of a refused request first: with bytes unread the kernel
// resets the connection, which destroys the answer on its way to a client that still
// sends, and makes a proxy believe that we are dead (RFC 9112 section 9.6).
func (c *connection) Close() error {
	if half, ok := c.Conn.(*net.TCPConn); ok && c.unread {
		if half.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
			_, _ = io.CopyN(io.Discard, c.Conn, lingerSize) // it ends when the client has its answer
		}
	}
	return c.Conn.Close()
}
