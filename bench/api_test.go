package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/handlers/handlerstest"
	"digitalpath/models"
	"digitalpath/services/accounts"
	"digitalpath/services/projects"
)

const apiSecret = "the-secret-of-the-measures-of-the-api"

// reads are the answers of the API that are held against a bare handler.
var reads = []struct{ what, path, holds string }{
	{"projects, list of 100", "/api/projects/", `"P99"`},
	{"project with 10 of each child", "/api/projects/1/", `"I9"`},
	{"me", "/api/me/", `"username":"ann"`},
}

// apiReads compares what the API answers a signed-in user with a bare Fiber handler
// that sends the same statements to the same PostgreSQL by pgx and writes what comes
// back as JSON. The bare one looks at no token, keeps no log and limits nobody.
func apiReads(b *testing.B) []line {
	app := handlerstest.Prepare(b, "DJANGO_SECRET_KEY="+apiSecret, "RATE_LIMIT_API=off")
	if !models.IsPostgres(app.DB) {
		return []line{{what: "API reads/s", ours: "needs PostgreSQL", bar: ">= 0.8"}}
	}
	app.Serve()
	user := portfolio(b, app.DB)
	token, statements := spy(b, app.DB, user)
	bare := serveBare(b, task{URL: app.DatabaseURL, Reads: statements})
	var lines []line
	for i, read := range reads {
		ours, beside := target{url: app.URL + read.path, token: token}, target{url: bare + fmt.Sprint("/", i)}
		if body := ours.get(b); !strings.Contains(body, read.holds) || !strings.Contains(beside.get(b), read.holds) {
			b.Fatalf("%s: %.300s\nbeside %.300s", read.what, body, beside.get(b))
		}
		a, z := rates(b, ours, beside, 1000)
		cost := costOf(b, app.DB, app.PID(), 1000, func() { inParallel(8, 1000, func(int) { ours.get(b) }) })
		lines = append(lines, line{"API reads/s, " + read.what + ", beside bare Fiber and pgx", fmt.Sprintf("%.0f", a), fmt.Sprintf("%.0f", z), ratio(a, z), ">= 0.8", fmt.Sprintf("%s, %d", cost, len(statements[i]))})
	}
	app.Kill()
	return lines
}

// portfolio stores a user with 100 projects, of which the first has 10 of each child.
func portfolio(b *testing.B, db *bun.DB) *models.User {
	now := time.Now().UTC().Truncate(time.Microsecond)
	insert := func(row any) {
		if _, err := db.NewInsert().Model(row).Exec(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	user := &models.User{Username: "ann", Email: "ann@example.com", IsActive: true, EmailVerifiedAt: now, DateJoined: now}
	insert(user)
	for i := range 100 {
		project := &models.Project{
			Name: fmt.Sprintf("P%d", i), Status: models.ProjectActive, Description: strings.Repeat("Claims and forecasts. ", 10),
			ClientCompany: "Health Fund", DueDate: "End of Q3", Progress: i, CreatedAt: now, UpdatedAt: now,
		}
		insert(project)
		insert(&models.ProjectMember{ProjectID: project.ID, UserID: user.ID, Role: models.RoleOwner})
	}
	for i := range 10 {
		item := models.ProjectItem{ProjectID: 1, Name: fmt.Sprintf("I%d", i), Description: "What it is about, in a sentence.", Order: i}
		insert(&models.DataSource{ProjectItem: item})
		insert(&models.Report{ProjectItem: item})
		insert(&models.Analytic{ProjectItem: item})
	}
	insert(&models.AIIntegration{ProjectID: 1, Features: []string{"Search"}, Models: []string{"Trees"}})
	return user
}

// statement is one with the arguments that PostgreSQL gets apart from it, as text.
type statement struct {
	SQL  string
	Args []string
}

// recorder keeps the statements that go to the database.
type recorder struct {
	lock sync.Mutex
	all  []statement
}

func (*recorder) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (r *recorder) AfterQuery(ctx context.Context, event *bun.QueryEvent) {
	r.lock.Lock()
	defer r.lock.Unlock()
	kept := statement{SQL: event.Query}
	for _, value := range models.ArgsIn(ctx) {
		if at, ok := value.(time.Time); ok {
			value = at.Format(time.RFC3339Nano)
		}
		kept.Args = append(kept.Args, fmt.Sprint(value))
	}
	r.all = append(r.all, kept)
}

// spy logs the user in, and writes down what the program asks the database for each
// of reads: who is signed in, then what is to be shown.
func spy(b *testing.B, db *bun.DB, user *models.User) (token string, statements [][]statement) {
	seen := new(recorder)
	watched := db.WithQueryHook(seen)
	tokens := &accounts.Tokens{DB: watched, SecretKey: apiSecret, AccessLife: time.Hour, RefreshLife: time.Hour, Now: func() time.Time { return time.Now().UTC() }}
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	var pair accounts.Pair
	must(watched.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) (err error) {
		pair, err = tokens.Open(ctx, tx, user, accounts.LoginInput{})
		return err
	}))
	service := &projects.Service{DB: watched, Now: tokens.Now}
	for _, read := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := service.List(ctx, projects.Filter{}); return err },
		func(ctx context.Context) error { _, err := service.Get(ctx, 1); return err },
		func(ctx context.Context) error {
			_, err := (&accounts.SocialLogins{DB: watched}).Linked(ctx, user.ID)
			return err
		},
	} {
		seen.all = nil
		who, err := tokens.Authenticate(context.Background(), pair.Access, nil)
		must(err)
		must(read(models.WithActor(context.Background(), models.Actor{User: who.User, Rights: who.Rights, Channel: models.ChannelAPI})))
		statements = append(statements, slices.Clone(seen.all))
	}
	return pair.Access, statements
}

// target is what is asked again and again.
type target struct{ url, token, cookie string }

// reader asks for plain text, so that nothing is packed on one side only.
var reader = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}}

func (t target) get(b testing.TB) string {
	request, err := http.NewRequest(http.MethodGet, t.url, nil)
	if err != nil {
		b.Error(err)
		return ""
	}
	if t.token != "" {
		request.Header.Set("Authorization", "Bearer "+t.token)
	}
	if t.cookie != "" {
		request.Header.Set("Cookie", t.cookie)
	}
	answer, err := reader.Do(request)
	if err != nil {
		b.Error(err)
		return ""
	}
	defer func() { _ = answer.Body.Close() }() // read to its end below
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Errorf("%s: %d (%v) %.300s", t.url, answer.StatusCode, err, body)
	}
	return string(body)
}

// rates are the medians of rounds of n requests that take turns, so that both meet the same machine.
func rates(b *testing.B, ours, bare target, n int) (ourRate, bareRate float64) {
	const rounds = 7
	var took [2][]time.Duration
	for range rounds {
		for i, t := range []target{ours, bare} {
			took[i] = append(took[i], inParallel(8, n, func(int) { t.get(b) }))
		}
	}
	return perSecond(n, quantile(took[0], 50)), perSecond(n, quantile(took[1], 50))
}
