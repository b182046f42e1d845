package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The rows of the statements, column by column.
type (
	bareUser struct {
		ID                             int64
		Username, Email                string
		Password                       string `json:"-"`
		FirstName, LastName            string
		IsActive, IsStaff, IsSuperuser bool
		EmailVerifiedAt, DisabledAt    *time.Time
		DateJoined                     time.Time
		LastLogin                      *time.Time
		TokenEpoch                     int
		Language, TimeZone             string
		Granted                        *string
		SeenAt                         time.Time
		TokenHash                      string
	}
	bareRow struct {
		ID                         int64
		Name, Status, Description  string
		Progress                   int
		DueDate                    string
		TeamSize                   int
		ClientCompany              string
		TasksTotal, TasksCompleted int
		CreatedAt                  time.Time
		Version                    string
	}
	bareDetail struct {
		ID                                                       int64
		Name, Status, Description                                string
		Progress                                                 int
		DueDate                                                  string
		TeamSize                                                 int
		DigitalpathResponsible, ClientResponsible, ClientCompany string
		TasksTotal, TasksCompleted                               int
		Budget, ImplementationTime, LastUpdate, FullScope        string
		CreatedAt, UpdatedAt                                     time.Time
		Role                                                     *string
		DataSources, Reports, Analytics                          json.RawMessage
		IntegrationID, IntegrationProjectID                      *int64
		Enabled                                                  *bool
		Features, Models                                         json.RawMessage
	}
	bareAccount struct {
		ID, UserID               int64
		Provider, Subject, Email string
		CreatedAt                time.Time
		LastLogin                *time.Time
	}
)

// bareTask names a file. It makes this test's program the bare server instead: a
// process of its own, as the program beside it is.
const bareTask = "BENCH_BARE"

// task is what the bare server answers: /0, /1 and so on.
type task struct {
	URL     string
	Reads   [][]statement // with what the statements of reads find, as JSON
	Replays []replay      // after them
}

// replay is an answer as the program gave it, and the statements that it took.
type replay struct {
	Statements []sent
	Body       string
}

func TestMain(m *testing.M) {
	if file := os.Getenv(bareTask); file != "" {
		fmt.Fprintln(os.Stderr, listenBare(file))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serveBare starts a process that does the task.
func serveBare(b *testing.B, t task) string {
	text, err := json.Marshal(t)
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "task.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		b.Fatal(err)
	}
	process := exec.Command(os.Args[0], "-test.run=^$")
	process.Env = append(os.Environ(), bareTask+"="+file)
	process.Stderr = os.Stderr
	said, err := process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = process.Process.Kill() // it may have ended by itself
		_ = process.Wait()         // as killed
	})
	address, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// listenBare says where it listens, and does so until it is killed.
func listenBare(file string) error {
	var t task
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(t.URL)
	if err != nil {
		return err
	}
	config.MaxConns = 20
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	var answers []fiber.Handler
	if len(t.Reads) > 0 {
		answers = []fiber.Handler{bare[bareRow](pool, t.Reads[0]), bare[bareDetail](pool, t.Reads[1]), bare[bareAccount](pool, t.Reads[2])}
	}
	for _, r := range t.Replays {
		answers = append(answers, r.answer(pool))
	}
	for i, answer := range answers {
		app.Get(fmt.Sprint("/", i), answer)
	}
	fmt.Println("http://" + listener.Addr().String())
	return app.Listener(listener)
}

// answer runs the statements, prepared, one after the other, and gives the answer.
func (r replay) answer(pool *pgxpool.Pool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		conn, err := pool.Acquire(c.Context())
		if err != nil {
			return err
		}
		defer conn.Release()
		for _, s := range r.Statements {
			prepared, err := conn.Conn().Prepare(c.Context(), s.SQL, s.SQL) // once for each connection
			if err != nil {
				return err
			}
			if found := conn.Conn().PgConn().ExecPrepared(c.Context(), prepared.Name, s.Args, s.Formats, s.Results).Read(); found.Err != nil {
				return found.Err
			}
		}
		return c.SendString(r.Body)
	}
}

// bare reads who asks and then the rows of T, and shows these.
func bare[T any](pool *pgxpool.Pool, statements []statement) fiber.Handler {
	return func(c *fiber.Ctx) error {
		who, err := rowsOf[bareUser](c.Context(), pool, statements[0])
		if err != nil || len(who) != 1 {
			return fmt.Errorf("%d people: %w", len(who), err)
		}
		rows, err := rowsOf[T](c.Context(), pool, statements[1])
		if err != nil {
			return err
		}
		if _, me := any(rows).([]bareAccount); me {
			return c.JSON(fiber.Map{"username": who[0].Username, "user": who[0], "providers": rows})
		}
		return c.JSON(rows)
	}
}

func rowsOf[T any](ctx context.Context, pool *pgxpool.Pool, statement statement) ([]T, error) {
	args := make([]any, len(statement.Args))
	for i, text := range statement.Args {
		args[i] = text
	}
	rows, err := pool.Query(ctx, statement.SQL, args...) // which pgx keeps prepared
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}
