package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/models/modelstest"
)

// replicas are two webs behind a proxy that asks them in turn, and two workers, on one
// PostgreSQL (behind PgBouncer, where servers may be brought) and one Redis.
type replicas struct {
	*handlerstest.App // as asked through the proxy
	webs              [2]*handlerstest.App
}

func startReplicas(t *testing.T, env ...string) *replicas {
	t.Helper()
	handlerstest.NeedsServers(t)
	var webs [2]*handlerstest.App
	var turn atomic.Int64
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		target, err := url.Parse(webs[turn.Add(1)%2].URL)
		if err != nil {
			t.Error(err)
		}
		r.SetURL(target)
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}})
	t.Cleanup(proxy.Close)
	direct := modelstest.Migrated(t)
	env = append([]string{
		"DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12), "BACKEND_URL=" + proxy.URL, "TRUSTED_PROXIES=127.0.0.1/32", "WORKERS_IN_PROCESS=0",
	}, env...)
	if os.Getenv("TEST_FAULTS") != "" {
		env = append(env, "DATABASE_URL="+handlerstest.NewPooler(t, direct))
	}
	webs[0] = handlerstest.PrepareOn(t, direct, env...)
	webs[1] = handlerstest.PrepareOn(t, direct, webs[0].Env()...)
	for _, web := range webs {
		web.Serve()
	}
	webs[0].Worker()
	webs[0].Worker()
	public := *webs[0]
	public.URL = proxy.URL
	return &replicas{&public, webs}
}

// wantBoth holds that each web had its part in what was asked for at a path.
func (r *replicas) wantBoth(t *testing.T, path string) {
	t.Helper()
	for i, web := range r.webs {
		if !strings.Contains(web.Log(), "path="+path) {
			t.Errorf("web %d was never asked for %s", i+1, path)
		}
	}
}

func TestSessionsAndJobsWorkWhicheverReplicaAnswers(t *testing.T) {
	t.Parallel()
	r := startReplicas(t)
	r.CreateSuperuser()
	staff := r.Login()
	for range 4 {
		if page := staff.Get("/admin/profile/"); page.Status != http.StatusOK || page.Has("[name=username]") {
			t.Fatalf("the session is not known everywhere: %d", page.Status)
		}
	}
	r.wantBoth(t, "/admin/profile/")
	names := make([]string, 20)
	for i := range names {
		names[i] = fmt.Sprintf("Visitor %d", i)
		r.MustSubmit(names[i])
	}
	r.wantBoth(t, "/api/contact")
	r.CheckInvariants(handlerstest.StartTime, 0, names...)
	const many = 700
	inbox(t, r.App, many)
	actOnAll(staff, "/admin/contact-messages/", "spam")
	if job := ended(t, r.App, handlerstest.StartTime); job.State != models.JobDone {
		t.Errorf("the job is %+v", job)
	}
	spamOnce(t, r.App, many+len(names))
}

func TestLimitsCountWhicheverReplicaAnswers(t *testing.T) {
	t.Parallel()
	r := startReplicas(t, "RATE_LIMIT_LOGIN_FAILED=5/5m/key")
	for i := range 7 {
		want := http.StatusUnauthorized
		if i >= 5 {
			want = http.StatusTooManyRequests
		}
		if answer := r.PostJSON("/api/token/pair", `{"username":"nobody","password":"wrong"}`); answer.Status != want {
			t.Errorf("attempt %d: %d %s, want %d", i+1, answer.Status, answer.Body, want)
		}
	}
	r.wantBoth(t, "/api/token/pair")
}

func TestSocialLoginWorksWhicheverReplicaAnswers(t *testing.T) {
	t.Parallel()
	providers := handlerstest.NewProviders(t)
	r := startReplicas(t, append(providers.Env(), "FRONTEND_URL=https://www.example.com")...)
	providers.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 4711, Email: "ann@example.com", Verified: true, First: "Ann", Last: "Lee"})
	for range 3 { // an odd number of requests each
		browser := r.Browser()
		back := providers.Consent(browser.Step("/accounts/google/login/").Header.Get("Location"))
		target, err := url.Parse(browser.Step(back.String()).Header.Get("Location"))
		if err != nil || target.Query().Get("code") == "" {
			t.Fatalf("sent to %s (%v)", target, err)
		}
		if answer := r.PostJSON("/api/auth/social/exchange", fmt.Sprintf(`{"code":%q}`, target.Query().Get("code"))); answer.Status != http.StatusOK {
			t.Errorf("exchange: %d %s", answer.Status, answer.Body)
		}
	}
	r.wantBoth(t, "/accounts/google/login/callback/")
	if users, err := r.DB.NewSelect().Model((*models.User)(nil)).Count(context.Background()); err != nil || users != 1 {
		t.Errorf("%d accounts (%v)", users, err)
	}
}
