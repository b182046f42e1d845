package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
)

// frontend is a site on an origin of its own, as the Next.js one: a button leads to
// the provider, and the page that the visitor comes back to swaps the code.
func frontend(t *testing.T, backend *string) (origin string) {
	t.Helper()
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<!DOCTYPE html><title>Frontend</title>%s", body) // the browser tells if it misses it
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		page(w, fmt.Sprintf(`<a id=login href="%s/accounts/github/login/">Continue with GitHub</a>`, *backend))
	})
	mux.HandleFunc("GET /auth/callback", func(w http.ResponseWriter, _ *http.Request) {
		page(w, fmt.Sprintf(`<p id=told></p><script>
			const code = new URLSearchParams(location.search).get('code')
			history.replaceState(null, '', location.pathname)
			const call = async (path, options) => (await fetch(%[1]q + path, options)).json()
			call('/api/auth/social/exchange', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({code})})
				.then(pair => call('/api/me', {headers: {Authorization: 'Bearer ' + pair.access}}))
				.then(me => { document.getElementById('told').textContent = me.email + ' ' + me.providers })
				.catch(error => { document.getElementById('told').textContent = 'failed: ' + error })
		</script>`, *backend))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// through lets a page reach the fake providers by their names.
func through(providers *handlerstest.Providers) chromedp.CreateBrowserContextOption {
	return func(profile *target.CreateBrowserContextParams) { profile.ProxyServer = providers.ProxyURL }
}

func TestVisitorOfAnotherOriginLogsInByABrowser(t *testing.T) {
	t.Parallel()
	providers := handlerstest.NewProviders(t)
	ctx := browser(t, through(providers))
	var backend string
	origin := frontend(t, &backend)
	app := handlerstest.Prepare(t, append(providers.Env(), "FRONTEND_URL="+origin, "CORS_ALLOWED_ORIGINS="+origin)...)
	app.Serve()
	backend = app.URL
	providers.LogIn(handlerstest.GitHubHost, handlerstest.Person{ID: 12, Email: "ann@example.com", Verified: true, Nickname: "ann"})
	do(t, ctx, chromedp.Navigate(origin), chromedp.Click("#login"))
	sees(t, ctx, "who is logged in", "document.querySelector('#told')?.textContent === 'ann@example.com github'")
	if at := location(ctx); at != origin+"/auth/callback" {
		t.Errorf("the visitor ends at %s", at)
	}
	var sessions []models.Session
	if err := app.DB.NewSelect().Model(&sessions).Scan(context.Background()); err != nil || len(sessions) != 1 || sessions[0].Channel != models.ChannelAPI {
		t.Errorf("the sessions are %+v (%v)", sessions, err)
	}
}

func TestStaffLinkAnIdentityAndLogInWithItByABrowser(t *testing.T) {
	t.Parallel()
	providers := handlerstest.NewProviders(t)
	ctx := browser(t, through(providers))
	app := handlerstest.Start(t, providers.Env()...)
	app.CreateSuperuser()
	providers.LogIn(handlerstest.GoogleHost, handlerstest.Person{ID: 12, Email: "private@example.net"})
	logIn(t, ctx, app)
	do(t, ctx, chromedp.Navigate(app.URL+"/admin/profile/"), chromedp.Click(`form[action$="/connect/google/"] button`))
	sees(t, ctx, "the linked identity", "location.pathname === '/admin/profile/' && document.body.innerText.includes('private@example.net')")
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[action="/admin/logout/"] button').click(); undefined`))
	sees(t, ctx, "the login page", "document.querySelector('[name=password]') !== null")
	do(t, ctx, chromedp.Click(`a[href^="/admin/login/google/"]`))
	sees(t, ctx, "the desk", "location.pathname === '/admin/' && document.querySelector('[name=password]') === null")
}
