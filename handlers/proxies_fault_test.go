package handlers_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digitalpath/handlers/handlerstest"
)

// proxied is two web processes on one database behind a real proxy, configured as
// docs/proxies says.
type proxied struct {
	*handlerstest.App                      // as asked through the proxy
	webs              [2]*handlerstest.App // the processes
}

// behind starts the proxy called name; changes are pairs of what docs/proxies says and
// what stands there instead.
func behind(t *testing.T, name string, changes []string, env ...string) *proxied {
	t.Helper()
	if os.Getenv("TEST_FAULTS") == "" {
		t.Skip("TEST_FAULTS is not set: a real proxy is part of make test-faults")
	}
	program, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	env = append([]string{"TRUSTED_PROXIES=127.0.0.1/32"}, env...)
	first := handlerstest.Prepare(t, append(env, "PORT="+handlerstest.FreePort(t))...)
	second := handlerstest.PrepareOn(t, first.DatabaseURL, append(first.Env(), "PORT="+handlerstest.FreePort(t))...)
	p := &proxied{webs: [2]*handlerstest.App{first, second}}
	for _, web := range p.webs {
		web.Serve()
	}
	port, dir := handlerstest.FreePort(t), t.TempDir()
	changes = append(changes, "127.0.0.1:8000", "127.0.0.1:"+port,
		"127.0.0.1:8001", strings.TrimPrefix(first.URL, "http://"), "127.0.0.1:8002", strings.TrimPrefix(second.URL, "http://"))
	args := []string{"-f", dir + "/haproxy.cfg", "-db"}
	config := strings.NewReplacer(changes...).Replace(documented(t, name))
	file := "haproxy.cfg"
	if name == "nginx" {
		file, args = "nginx.conf", []string{"-p", dir, "-c", dir + "/nginx.conf", "-e", dir + "/error.log"}
		config = fmt.Sprintf(`daemon off; pid nginx.pid; user root;
events {}
http {
    access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
%s}`, config)
	}
	if err := os.WriteFile(filepath.Join(dir, file), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, args...)
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt) // the test is over
		_ = command.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Logf("%s says:\n%s%s", name, said.String(), log)
		}
	})
	public := *first
	public.URL = "http://127.0.0.1:" + port
	p.App = &public
	handlerstest.Eventually(t, 20*time.Second, name+" answers", func() bool { return public.Listening() && public.Get("/api/hello").Status == 200 })
	return p
}

// documented is the configuration that operators are told to take.
func documented(t *testing.T, name string) string {
	t.Helper()
	file := map[string]string{"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}[name]
	text, err := os.ReadFile("../docs/proxies/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var proxyNames = []string{"nginx", "haproxy"}

// nginx, left at its defaults, takes a web process whose answer was reset for dead.
func TestTooLargeRequestsTakeNothingDownBehindAProxy(t *testing.T) {
	for _, name := range proxyNames {
		t.Run(name, func(t *testing.T) {
			p := behind(t, name, []string{" max_fails=0", "", "client_max_body_size 5m", "client_max_body_size 200m"})
			for _, size := range []int{1<<20 + 1, 5 << 20, 60 << 20} {
				for range 5 {
					answer := p.Do(http.MethodPost, "/api/contact", strings.Repeat("x", size), "Content-Type", "application/json")
					if answer.Status != http.StatusRequestEntityTooLarge || !strings.Contains(answer.Body, `"code":"too_large"`) {
						t.Errorf("%d bytes: %d %.200s", size, answer.Status, answer.Body)
					}
					if hello := p.Get("/api/hello"); hello.Status != http.StatusOK {
						t.Errorf("after %d bytes: %d", size, hello.Status)
					}
				}
			}
			answer := p.Get("/api/hello", "Cookie", "a="+strings.Repeat("x", 11<<10), "X-A", strings.Repeat("x", 3<<10))
			if answer.Status != http.StatusOK {
				t.Errorf("14 KB of headers: %d", answer.Status)
			}
		})
	}
}

func TestForgedHopsPassNoLimitBehindAProxy(t *testing.T) {
	for _, name := range proxyNames {
		t.Run(name, func(t *testing.T) {
			p := behind(t, name, nil, "RATE_LIMIT_LOGIN_FAILED=5/h/ip")
			// The client is one whose address is no trusted proxy's.
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
			client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
			passed := 0
			for i := range 25 {
				request, err := http.NewRequest(http.MethodPost, p.URL+"/api/token/pair", strings.NewReader(fmt.Sprintf(`{"username":"u%d","password":"wrong"}`, i)))
				if err != nil {
					t.Fatal(err)
				}
				request.Header = http.Header{"Content-Type": {"application/json"}, "X-Forwarded-For": {fmt.Sprintf("203.0.113.%d", i)}}
				response, err := client.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close() // the status says it all
				if response.StatusCode == http.StatusUnauthorized {
					passed++
				}
			}
			most := 5
			if p.Redis == nil {
				most = 10 // each of the two counts by itself
			}
			if passed < 5 || passed > most {
				t.Errorf("%d of 25 failed logins were let through", passed)
			}
		})
	}
}

func TestRollingRestartBehindAProxyLosesNothing(t *testing.T) {
	for _, name := range proxyNames {
		t.Run(name, func(t *testing.T) {
			p := behind(t, name, nil)
			var asked, lost atomic.Int64
			var crowd sync.WaitGroup
			ended := make(chan struct{})
			for i := range 48 {
				crowd.Go(func() {
					for {
						select {
						case <-ended:
							return
						default:
						}
						if n := asked.Add(1); !answers(p, i%4 != 0) {
							lost.Add(1)
							t.Logf("request %d is lost", n)
						}
					}
				})
			}
			for range 3 {
				for _, web := range p.webs {
					if code := web.Stop(10 * time.Second); code != 0 {
						t.Errorf("exit code %d", code)
					}
					web.Serve()
					handlerstest.Eventually(t, 10*time.Second, "the proxy has found it", func() bool { return strings.Count(web.Log(), "path=/api/hello") > 20 })
				}
			}
			close(ended)
			crowd.Wait()
			t.Logf("%d requests", asked.Load())
			if lost.Load() > 0 || asked.Load() < 1000 {
				t.Errorf("%d of %d are lost", lost.Load(), asked.Load())
			}
		})
	}
}

// answers sends what a proxy does not send twice, or what it may.
func answers(p *proxied, post bool) bool {
	method, path, body := http.MethodGet, "/api/hello", ""
	if post {
		method, path, body = http.MethodPost, "/api/auth/resend-verification", `{"email":"nobody@example.com"}`
	}
	request, err := http.NewRequest(method, p.URL+path, strings.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusOK
}
