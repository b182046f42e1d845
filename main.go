// Command digitalpath is the back end of DigitalPath AI: a JSON API, a back office
// and the workers that send its mail, in one program. wire.go sets what depends on
// what; handlers/routes.go is the whole URL surface.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	_ "time/tzdata" // an image of this program alone has no zones

	"github.com/spf13/cobra"

	"digitalpath/problem"
)

const (
	// heapGrowth is how much garbage there may be before it is collected, in hundredths of
	// what lives: 10 MB do, so that Go's own 100 has the collector at work all the time.
	heapGrowth = 300
	// memoryLimit is where garbage is collected sooner: a hash of a password leaves 19 MB.
	memoryLimit = 256 << 20
)

func main() {
	collectGarbage()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr); err != nil {
		stop()
		if code, ok := errors.AsType[exitCode](err); ok {
			os.Exit(int(code))
		}
		fmt.Fprintln(os.Stderr, "digitalpath:", sentence(err))
		os.Exit(1)
	}
}

// collectGarbage sets how often, unless GOGC or GOMEMLIMIT do.
func collectGarbage() {
	if was := debug.SetGCPercent(heapGrowth); was != 100 {
		debug.SetGCPercent(was)
	}
	if was := debug.SetMemoryLimit(memoryLimit); was != math.MaxInt64 {
		debug.SetMemoryLimit(was)
	}
}

// run is the whole program; main only exits.
func run(ctx context.Context, args, environ []string, in io.Reader, out, errOut io.Writer) error {
	p := &program{environ: environ, in: in, out: out, errOut: errOut}
	root := &cobra.Command{
		Use:   "digitalpath",
		Short: "The back end of DigitalPath AI: JSON API, back office and mail workers",
		Long: `The back end of DigitalPath AI: JSON API, back office and mail workers.

It is configured by environment variables and by the .env file of the working
directory; README.md lists them. With DJANGO_DEBUG=1 and nothing else set, "serve"
runs everything in one process and keeps its data in var/.`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		p.serveCommand(), p.workerCommand(), p.migrateCommand(),
		p.createSuperuserCommand(), p.changePasswordCommand(), p.demoCommand(),
		p.sendTestMailCommand(), p.importDjangoCommand(), p.openAPICommand(), p.configCommand(), p.healthCommand(), p.doctorCommand(), p.backupCommand(), p.restoreCommand(), p.erasePersonCommand(), p.versionCommand(),
	)
	return root.ExecuteContext(ctx)
}

// program is what every command has at hand.
type program struct {
	environ     []string
	in          io.Reader
	out, errOut io.Writer
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs, Run: func(*cobra.Command, []string) {
		fmt.Fprintln(p.out, version())
	}}
}

// release is the tag or commit, where the build sets it: -ldflags '-X main.release=v1.2.3'.
var release string

// version is the release, or what the toolchain recorded of tag and commit.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "unknown"
	}
	return info.Main.Version
}

// sentence is what the person at the terminal reads of err: of a problem with
// fields, each field's faults.
func sentence(err error) string {
	p, ok := problem.As(err)
	if !ok || len(p.Fields) == 0 {
		return err.Error()
	}
	var lines []error
	for _, field := range slices.Sorted(maps.Keys(p.Fields)) {
		for _, text := range p.Fields[field] {
			lines = append(lines, fmt.Errorf("%s: %s", field, text))
		}
	}
	return errors.Join(lines...).Error()
}
