// Package doctor looks for what is wrong with a running system: each check says what
// it looked at, what it found, and the command or the line that mends it. What needs
// Redis, SMTP or HTTP is handed to it in wiring.
package doctor

import (
	"cmp"
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/config"
	"digitalpath/problem"
	"digitalpath/services/accounts"
	"digitalpath/services/origins"
	"digitalpath/services/outbox"
)

// checkTime bounds one check; passwordsTime the one that tries passwords, of which each
// is costly on purpose.
const (
	checkTime     = 15 * time.Second
	passwordsTime = 10 * time.Minute
)

// State is how bad a finding is.
type State string

// The states, the better one first.
const (
	OK      State = "ok"
	Warning State = "warning"
	Failed  State = "failed"
)

// Finding is what a check found out about one thing.
type Finding struct {
	Check    string // the check's name, the same in every version
	What     problem.Text
	State    State
	Evidence problem.Text
	Remedy   problem.Text // the command or the line that mends it, and at most a few words; empty where nothing is wrong
}

// Doctor is what the checks look at.
type Doctor struct {
	Config   *config.Config
	DB       *bun.DB
	Messages *outbox.Outbox
	Tokens   *accounts.Tokens
	Origins  *origins.Log
	Now      func() time.Time

	Queue    func(context.Context) (Queue, error)                         // nil: the queue lives in another process
	Probe    func(context.Context) (worker string, err error)             // sends a job that only answers through the queue
	Mail     func(context.Context) (server string, err error)             // connects and logs in, and sends nothing
	Provider func(ctx context.Context, name string) (known bool, _ error) // asks a provider of logins whether it knows our credentials
	TXT      func(ctx context.Context, name string) ([]string, error)     // asks the DNS
	NS       func(ctx context.Context, name string) ([]*net.NS, error)
	Space    func(path string) (free, total uint64, err error) // of a disk, in bytes
}

// Queue is one look at the job queue.
type Queue struct {
	Waiting int64
	Workers []Worker // those alive
}

// Worker is one process that works at the queue.
type Worker struct {
	Name  string
	Lacks []string // jobs of this version that it does not know
}

// Questions are what a person asks besides; empty ones are not asked.
type Questions struct {
	Origin string // of a frontend, as its browser names it
	Token  string // access or refresh
	DKIM   string // the selector of the key with which the mail server signs
}

// check is one thing to look at.
type check struct {
	name, what string
	run        func(context.Context) []Finding
	within     time.Duration // 0: checkTime
}

func ok(format string, args ...any) Finding {
	return Finding{State: OK, Evidence: problem.Text{Format: format, Args: args}}
}

func warn(format string, args ...any) Finding {
	return Finding{State: Warning, Evidence: problem.Text{Format: format, Args: args}}
}

func failed(format string, args ...any) Finding {
	return Finding{State: Failed, Evidence: problem.Text{Format: format, Args: args}}
}

// mend adds what mends a finding.
func (f Finding) mend(format string, args ...any) Finding {
	f.Remedy = problem.Text{Format: format, Args: args}
	return f
}

// Examine looks at everything, at all of it at once, and returns what it found in the
// order of the checks.
func (d *Doctor) Examine(ctx context.Context, asked Questions) []Finding {
	checks := []check{
		{name: "database", what: "Database", run: d.database},
		{name: "migrations", what: "Migrations", run: d.migrations},
		{name: "broker", what: "Broker", run: d.broker},
		{name: "jobs", what: "Registered jobs", run: d.jobs},
		{name: "workers", what: "Workers", run: d.workers},
		{name: "probe", what: "Probe job", run: d.probe},
		{name: "outbox", what: "Mail queue", run: d.outbox},
		{name: "mail", what: "Mail server", run: d.mail},
		{name: "sender", what: "Sender's domain", run: func(ctx context.Context) []Finding { return d.sender(ctx, asked.DKIM) }},
		{name: "cors", what: "CORS", run: func(context.Context) []Finding { return []Finding{d.cors(asked.Origin)} }},
		{name: "origins", what: "Refused websites", run: d.origins},
		d.aboutToken(asked.Token),
		{name: "social", what: "Social login", run: d.social},
		{name: "clock", what: "Clock", run: d.clock},
		{name: "disk", what: "Disk", run: d.disk},
	}
	return run(ctx, checks)
}

func run(ctx context.Context, checks []check) []Finding {
	found := make([][]Finding, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.within, checkTime))
			defer cancel()
			found[i] = c.run(ctx)
			for j := range found[i] {
				found[i][j].Check, found[i][j].What = c.name, problem.Text{Format: c.what}
			}
		})
	}
	all.Wait()
	return slices.Concat(found...)
}

// Worst is the worst state of findings.
func Worst(findings []Finding) State {
	worst := OK
	for _, f := range findings {
		if f.State == Failed || f.State == Warning && worst == OK {
			worst = f.State
		}
	}
	return worst
}

// Settings are the findings where the configuration itself is refused: one for each
// sentence of the error.
func Settings(sentences []string, state State) []Finding {
	findings := make([]Finding, len(sentences))
	for i, sentence := range sentences {
		findings[i] = Finding{
			Check: "settings", What: problem.Text{Format: "Settings"}, State: state, Evidence: problem.Text{Format: "%s", Args: []any{sentence}},
		}
	}
	return findings
}
