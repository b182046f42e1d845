package bench

import (
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// sent is a statement as the program sent it, with its arguments in PostgreSQL's own bytes.
type sent struct {
	SQL              string
	Args             [][]byte
	Formats, Results []int16
}

// tap stands between the program and PostgreSQL and keeps the statements that pass.
type tap struct {
	url  string
	lock sync.Mutex
	all  []sent
}

func newTap(b *testing.B, databaseURL string) *tap {
	at, err := url.Parse(databaseURL)
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	host := at.Host
	at.Host = listener.Addr().String()
	t := &tap{url: at.String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go t.pass(client, host)
		}
	}()
	return t
}

// pass hands on what a connection says, and what it is answered. Where that fails, the
// program says so.
func (t *tap) pass(client net.Conn, host string) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", host)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	said := pgproto3.NewBackend(io.TeeReader(client, server), io.Discard)
	if _, err := said.ReceiveStartupMessage(); err != nil {
		return
	}
	texts := map[string]string{} // of the statements that are prepared
	for {
		message, err := said.Receive()
		if err != nil {
			return
		}
		switch m := message.(type) {
		case *pgproto3.Query:
			t.keep(sent{SQL: m.String})
		case *pgproto3.Parse:
			texts[m.Name] = m.Query
		case *pgproto3.Bind:
			s := sent{texts[m.PreparedStatement], nil, slices.Clone(m.ParameterFormatCodes), slices.Clone(m.ResultFormatCodes)}
			for _, arg := range m.Parameters {
				s.Args = append(s.Args, slices.Clone(arg))
			}
			t.keep(s)
		}
	}
}

func (t *tap) keep(s sent) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.all = append(t.all, s)
}

// during returns the statements that do sends, the fewest of a few times: at some of
// them the program does something else too.
func (t *tap) during(do func()) (fewest []sent) {
	for i := range 4 {
		t.lock.Lock()
		t.all = nil
		t.lock.Unlock()
		do()
		t.lock.Lock()
		if i == 0 || len(t.all) < len(fewest) {
			fewest = t.all
		}
		t.lock.Unlock()
	}
	return fewest
}
