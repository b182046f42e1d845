package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"digitalpath/handlers/api"
	"digitalpath/models"
	"digitalpath/models/modelstest"
	"digitalpath/services/accounts"
	"digitalpath/services/projects"
	"digitalpath/services/ratelimit"
)

// counter counts the statements that go to the database: each is a round trip.
type counter struct{ n atomic.Int64 }

func (*counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *counter) AfterQuery(context.Context, *bun.QueryEvent)                      { c.n.Add(1) }

// A list, a detail and a summary cost one round trip each, and authentication
// another, however much there is to show.
func TestProjectsAreReadInTwoRoundTripsWithAuthentication(t *testing.T) {
	counted := new(counter)
	db := modelstest.New(t).WithQueryHook(counted)
	ctx, now := context.Background(), time.Now().UTC().Truncate(time.Microsecond)
	clock := func() time.Time { return now }
	user := &models.User{Username: "ann", Email: "ann@example.com", IsActive: true, EmailVerifiedAt: now, DateJoined: now}
	insert(t, db, user)
	for i := range 120 {
		project := &models.Project{Name: fmt.Sprintf("P%d", i), Status: models.ProjectActive, CreatedAt: now, UpdatedAt: now}
		insert(t, db, project)
		insert(t, db, &models.ProjectMember{ProjectID: project.ID, UserID: user.ID, Role: models.RoleOwner})
	}
	for i := range 10 {
		item := models.ProjectItem{ProjectID: 1, Name: fmt.Sprintf("I%d", i), Order: i}
		insert(t, db, &models.DataSource{ProjectItem: item})
		insert(t, db, &models.Report{ProjectItem: item})
		insert(t, db, &models.Analytic{ProjectItem: item})
	}
	insert(t, db, &models.AIIntegration{ProjectID: 1, Features: []string{"a"}, Models: []string{}})

	tokens := &accounts.Tokens{
		DB: db, Logins: &accounts.Logins{DB: db, Now: clock}, SecretKey: strings.Repeat("k", 40), AccessLife: time.Hour, RefreshLife: time.Hour, Now: clock,
	}
	var pair accounts.Pair
	if err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		pair, err = tokens.Open(ctx, tx, user, accounts.LoginInput{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	(&api.API{
		Projects: &projects.Service{DB: db, Now: clock}, Tokens: tokens,
		Present: func(_ context.Context, _ string, err error) *api.Failure {
			return &api.Failure{Status: 500, Detail: err.Error()}
		},
		Limiter: new(ratelimit.Limiter),
	}).Register(app)
	ask := func(path, knows string) *http.Response {
		request := httptest.NewRequest("GET", path, nil)
		request.Header.Set("Authorization", "Bearer "+pair.Access)
		request.Header.Set("If-None-Match", knows)
		answer, err := app.Test(request, -1)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for path, shows := range map[string]string{
		"/api/projects/": `"P119"`, "/api/projects/?page=1&page_size=100": `"count":120`, "/api/projects/?search=P7&status=active&ordering=name": `"P7"`,
		"/api/projects/1/": `"I9"`, "/api/projects/1/reports/": `"I9"`, "/api/projects/summary/": `"total":120`,
	} {
		counted.n.Store(0)
		answer := ask(path, "")
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != 200 || !strings.Contains(string(body), shows) {
			t.Errorf("%s: %d (%v) %.300s", path, answer.StatusCode, err, body)
		}
		if trips := counted.n.Load(); trips != 2 {
			t.Errorf("%s takes %d round trips, want 2", path, trips)
		}
		counted.n.Store(0)
		tag, want := answer.Header.Get("ETag"), int64(2)
		if strings.HasPrefix(path, "/api/projects/?page") || path == "/api/projects/" || strings.Contains(path, "search") {
			want = 1 // who asks and whether the list has changed, in one trip
		}
		if again := ask(path, tag); again.StatusCode != 304 || again.Header.Get("ETag") != tag || counted.n.Load() != want {
			t.Errorf("%s, known: %d %v in %d round trips, want %d", path, again.StatusCode, again.Header, counted.n.Load(), want)
		}
	}
}

func insert(t *testing.T, db *bun.DB, row any) {
	t.Helper()
	if _, err := db.NewInsert().Model(row).Exec(context.Background()); err != nil {
		t.Fatalf("insert %T: %v", row, err)
	}
}
