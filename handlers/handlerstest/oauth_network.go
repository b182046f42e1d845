package handlerstest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// NewProviders starts the fakes, and ends them with the test.
func NewProviders(t testing.TB) *Providers {
	t.Helper()
	p := &Providers{t: t, persons: map[string]Person{}, answers: map[string]http.HandlerFunc{}, grants: map[string]grant{}, ended: make(chan struct{})}
	certificate, authority := certify(t, GoogleHost, "oauth2.googleapis.com", "www.googleapis.com", GitHubHost, "api.github.com")
	server := httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that give up are what tests are about
	server.StartTLS()
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(p.ended) }) // before: Close waits for answers
	p.ProxyURL = "http://" + proxyTo(t, server.Listener.Addr().String())

	p.caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(p.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(authority)
	proxy, err := url.Parse(p.ProxyURL)
	if err != nil {
		t.Fatal(err)
	}
	p.client = &http.Client{
		Timeout:       client.Timeout,
		Transport:     &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}},
		CheckRedirect: client.CheckRedirect,
	}
	t.Cleanup(p.client.CloseIdleConnections)
	return p
}

// certify makes a certificate for names, and the authority that signed it.
func certify(t testing.TB, names ...string) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	authorityKey, leafKey := newKey(t), newKey(t)
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		}
	}
	authority := template(1, "DigitalPath test authority")
	authority.IsCA, authority.KeyUsage = true, x509.KeyUsageCertSign
	leaf := template(2, names[0])
	leaf.DNSNames, leaf.KeyUsage, leaf.ExtKeyUsage = names, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	signed := func(template *x509.Certificate, key *ecdsa.PrivateKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, authority, &key.PublicKey, authorityKey)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	parsed, err := x509.ParseCertificate(signed(authority, authorityKey))
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{signed(leaf, leafKey)}, PrivateKey: leafKey}, parsed
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// proxyTo is an HTTP proxy that takes every host for the one at target.
func proxyTo(t testing.TB, target string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // it ends serving
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go tunnel(conn, target)
		}
	}()
	return listener.Addr().String()
}

// tunnel serves one CONNECT. Broken connections are their clients' affair.
func tunnel(client net.Conn, target string) {
	defer func() { _ = client.Close() }()
	reader := bufio.NewReader(client)
	request, err := http.ReadRequest(reader)
	if err != nil || request.Method != http.MethodConnect {
		return
	}
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	go func() {
		defer func() { _ = server.Close() }()
		_, _ = io.Copy(server, reader)
	}()
	_, _ = io.Copy(client, server)
}
