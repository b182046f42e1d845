package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/shirou/gopsutil/v4/disk"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"digitalpath/config"
	"digitalpath/services/doctor"
	"digitalpath/workers"
)

// exitCode ends the program with a status of its own and no further word.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

type doctorOptions struct {
	doctor.Questions
	json   bool
	deploy bool
	sendTo string
}

func (p *program) doctorCommand() *cobra.Command {
	var o doctorOptions
	command := &cobra.Command{
		Use: "doctor", Short: "Find what is wrong, and the command or the line that mends it", Args: cobra.NoArgs,
		Long: `Look at the database, the queue, the workers, the mail server, the DNS of the
sender's domain, CORS, social logins, clock and disk, and print for each what was
found and what mends it. Nothing is changed. The exit code is 0 where all is well,
1 with warnings, 2 with failures.`,
		RunE: func(command *cobra.Command, _ []string) error { return p.doctor(command.Context(), o) },
	}
	flags := command.Flags()
	flags.BoolVar(&o.deploy, "deploy", false, "go through the checklists of a deployment, too")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.StringVar(&o.Origin, "origin", "", "a frontend's origin, such as https://example.com: may its browser call the API?")
	flags.StringVar(&o.Token, "token", "", "an access or refresh token: why is it refused?")
	flags.StringVar(&o.DKIM, "dkim", "", "the selector of the mail server's DKIM key, such as google: is it published?")
	flags.StringVar(&o.sendTo, "send-to", "", "an address to send a test mail to")
	return command
}

func (p *program) doctor(ctx context.Context, o doctorOptions) error {
	findings, err := p.findings(ctx, o)
	if err != nil {
		return err
	}
	if o.json {
		err = printFindingsJSON(p.out, findings)
	} else {
		p.printFindings(findings)
	}
	if code := map[doctor.State]exitCode{doctor.Warning: 1, doctor.Failed: 2}[doctor.Worst(findings)]; err == nil && code != 0 {
		return code
	}
	return err
}

func (p *program) findings(ctx context.Context, o doctorOptions) (findings []doctor.Finding, err error) {
	if _, err := config.FromEnv(p.environ); err != nil { // nothing else can be looked at
		return doctor.Settings(strings.Split(err.Error(), "\n"), doctor.Failed), nil
	}
	quiet := *p
	quiet.errOut = io.Discard // what the log would say, the findings say
	d, err := quiet.open()
	if err != nil {
		return doctor.Settings(strings.Split(err.Error(), "\n"), doctor.Failed), nil
	}
	defer func() { err = errors.Join(err, d.close()) }()
	var queue *workers.Queue
	if !d.config.Embedded {
		mail, err := d.newWorkers(0)
		if err != nil {
			return nil, err
		}
		queue = mail.Queue
	}
	looking := d.newDoctor(queue, d.newOAuth(nil).KnowsUs)
	findings = doctor.Settings(d.config.Warnings, doctor.Warning)
	findings = append(findings, looking.Examine(ctx, o.Questions)...)
	if o.deploy {
		findings = append(findings, (&doctor.Deploy{Doctor: looking, Guessable: d.superusers.Guessable, Ask: askPage}).Examine(ctx)...)
	}
	if o.sendTo != "" {
		reply, err := d.composer.SendTest(ctx, o.sendTo)
		findings = append(findings, doctor.TestMail(o.sendTo, reply, err))
	}
	return findings, nil
}

// askPage gets a page as a browser does, but goes nowhere else.
func askPage(ctx context.Context, url string) (doctor.Page, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return doctor.Page{}, err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return doctor.Page{}, err
	}
	return doctor.Page{Status: answer.StatusCode, Header: answer.Header.Get}, answer.Body.Close()
}

// newDoctor looks at what this process uses; queue is nil where that is another's.
func (d *deps) newDoctor(queue *workers.Queue, provider func(context.Context, string) (bool, error)) *doctor.Doctor {
	looking := &doctor.Doctor{
		Config: d.config, DB: d.db, Messages: d.outbox, Tokens: d.tokens, Origins: d.origins, Now: now,
		Mail: d.composer.Connect, Provider: provider, TXT: net.DefaultResolver.LookupTXT, NS: net.DefaultResolver.LookupNS,
		Space: func(path string) (free, total uint64, err error) {
			usage, err := disk.Usage(path)
			if err != nil {
				return 0, 0, err
			}
			return usage.Free, usage.Total, nil
		},
	}
	if queue != nil {
		looking.Queue, looking.Probe = lookAt(queue), queue.Probe
	}
	return looking
}

// lookAt is the queue as the doctor sees it.
func lookAt(queue *workers.Queue) func(context.Context) (doctor.Queue, error) {
	return func(ctx context.Context) (doctor.Queue, error) {
		status, err := queue.Status(ctx)
		if err != nil {
			return doctor.Queue{}, err
		}
		look := doctor.Queue{Waiting: status.Waiting}
		for _, w := range status.Workers {
			if w.Alive(now()) {
				look.Workers = append(look.Workers, doctor.Worker{Name: fmt.Sprintf("%s:%d", w.Host, w.PID), Lacks: w.Lacks()})
			}
		}
		return look, nil
	}
}

// colours of a terminal, by state.
var colours = map[doctor.State]string{doctor.OK: "\x1b[32m", doctor.Warning: "\x1b[33m", doctor.Failed: "\x1b[31m"}

func (p *program) printFindings(findings []doctor.Finding) {
	file, ok := p.out.(*os.File)
	coloured := ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""
	for _, f := range findings {
		state := fmt.Sprintf("%-8s", f.State)
		if coloured {
			state = colours[f.State] + state + "\x1b[0m"
		}
		fmt.Fprintf(p.out, "%s %s: %s\n", state, f.What, f.Evidence)
		for line := range strings.Lines(f.Remedy.String()) {
			fmt.Fprintf(p.out, "         → %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
}

func printFindingsJSON(out io.Writer, findings []doctor.Finding) error {
	type row struct {
		Check    string       `json:"check"`
		State    doctor.State `json:"state"`
		What     string       `json:"what"`
		Evidence string       `json:"evidence"`
		Remedy   string       `json:"remedy,omitempty"`
	}
	rows := make([]row, len(findings))
	for i, f := range findings {
		rows[i] = row{f.Check, f.State, f.What.String(), f.Evidence.String(), f.Remedy.String()}
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"state": doctor.Worst(findings), "findings": rows})
}
