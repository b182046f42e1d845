package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
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

// bareTask is what makes this test's program the bare server instead: a process of
// its own, as the program beside it is.
const bareTask = "BENCH_BARE"

func TestMain(m *testing.M) {
	if task := os.Getenv(bareTask); task != "" {
		fmt.Fprintln(os.Stderr, listenBare(os.Getenv("BENCH_BARE_URL"), task))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serveBare starts a process that answers /0, /1 and so on with what the statements
// of reads find.
func serveBare(b *testing.B, url string, statements [][]statement) string {
	task, err := json.Marshal(statements)
	if err != nil {
		b.Fatal(err)
	}
	process := exec.Command(os.Args[0], "-test.run=^$")
	process.Env = append(os.Environ(), bareTask+"="+string(task), "BENCH_BARE_URL="+url)
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
func listenBare(url, task string) error {
	var statements [][]statement
	if err := json.Unmarshal([]byte(task), &statements); err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	config.MaxConns = 20
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	for i, answer := range []fiber.Handler{bare[bareRow](pool, statements[0]), bare[bareDetail](pool, statements[1]), bare[bareAccount](pool, statements[2])} {
		app.Get(fmt.Sprint("/", i), answer)
	}
	fmt.Println("http://" + listener.Addr().String())
	return app.Listener(listener)
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
