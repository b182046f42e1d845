package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"digitalpath/migrations"
	"digitalpath/models"
)

const (
	// processWorkers is how many mails one process sends at once.
	processWorkers = 4
	// waitEvery is how often a process looks for a database that is not ready yet.
	waitEvery = 3 * time.Second
	// stopTime is how long an orderly end takes at most, less than the 10 s that platforms
	// give. Mails under way have all of it, requests under way the first 5 s.
	stopTime = 9 * time.Second
)

func (p *program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Serve the API and the back office", Args: cobra.NoArgs,
		Long: `Serve the API and the back office on PORT.

Migrations are applied at start (AUTO_MIGRATE=0: refuse to start on an old schema).
Without CELERY_BROKER_URL, or with WORKERS_IN_PROCESS=1, this process sends mail
too; otherwise run "digitalpath worker" beside it.`,
		RunE: func(command *cobra.Command, _ []string) error { return p.serve(command.Context()) },
	}
}

func (p *program) serve(ctx context.Context) (err error) {
	d, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	// A busy port is found before anything is changed. It is not held meanwhile: who
	// connects while the database is waited for is better refused than left waiting.
	early, err := d.listener()
	if err != nil {
		return err
	}
	if err := early.Close(); err != nil {
		return fmt.Errorf("try the port: %w", err)
	}
	count := 0
	if d.config.Embedded || d.config.WorkersInProcess {
		count = processWorkers
	}
	mail, err := d.newWorkers(count)
	if err != nil {
		return err
	}
	if err := d.prepareDatabase(ctx); err != nil {
		return endOf(ctx, err)
	}
	app, err := d.newApp(mail) // which looks for what migrations made
	if err != nil {
		return err
	}
	listener, err := d.listener()
	if err != nil {
		return err
	}
	mail.Start()
	p.printWelcome(ctx, d, listener.Addr())
	go d.attend(ctx, func(ctx context.Context) error { return alive(ctx, uint16(listener.Addr().(*net.TCPAddr).Port)) }) // #nosec G115 -- ports are of 16 bits
	served := make(chan error, 1)
	go func() { served <- app.Serve(ctx, listener) }()
	select {
	case <-ctx.Done():
	case err := <-served:
		served <- err
	}
	d.tellSystemd("STOPPING=1")
	rest, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	mail.Quit()
	err = <-served
	mail.Stop(rest)
	return err
}

// listener is on every interface in production and on this machine alone in
// development.
func (d *deps) listener() (net.Listener, error) {
	host := ""
	if d.config.Debug {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(int(d.config.Port))))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("PORT %d is in use by another program: stop that one, or set another port, such as PORT=%d", d.config.Port, d.config.Port%65535+1)
	}
	if err != nil {
		return nil, fmt.Errorf("PORT %d cannot be listened on: %w", d.config.Port, err)
	}
	return listener, nil
}

// prepareDatabase waits for the database and brings its schema up to date.
func (d *deps) prepareDatabase(ctx context.Context) error {
	if err := d.waitFor(ctx, "the database", func(ctx context.Context) error { return d.db.PingContext(ctx) }); err != nil {
		return err
	}
	if !d.config.AutoMigrate {
		pending, err := migrations.Pending(ctx, d.db)
		if err == nil && pending > 0 {
			err = fmt.Errorf("the database lacks %d migrations: run \"digitalpath migrate up\", or unset AUTO_MIGRATE", pending)
		}
		return err
	}
	names, err := migrations.Up(ctx, d.db)
	for _, name := range names {
		d.log.InfoContext(ctx, "migration applied", slog.String("name", name))
	}
	return err
}

// waitFor tries until it succeeds or ctx ends, with one line in the log each time.
func (d *deps) waitFor(ctx context.Context, what string, try func(context.Context) error) error {
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		d.log.WarnContext(ctx, "waiting for "+what, slog.String("error", models.Reason(err)))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(waitEvery):
		}
	}
}

// endOf is nil where the process was told to stop: that is no failure.
func endOf(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// printWelcome tells a developer where to look; the one-time link appears until there is a
// superuser.
func (p *program) printWelcome(ctx context.Context, d *deps, address net.Addr) {
	d.log.InfoContext(ctx, "listening", slog.String("address", address.String()))
	if !d.config.Debug {
		return
	}
	site := "http://localhost:" + strconv.Itoa(address.(*net.TCPAddr).Port)
	fmt.Fprintf(p.out, "\n  DigitalPath is at      %s/admin/\n  API documentation      %s/api/docs\n", site, site)
	if d.config.Mailbox {
		fmt.Fprintf(p.out, "  Mail that was \"sent\"   %s/dev/mailbox/\n", site)
	}
	open, err := d.superusers.SetupOpen(ctx)
	switch {
	case err != nil:
		d.log.ErrorContext(ctx, "cannot tell whether there is a superuser", slog.Any("error", err))
	case open:
		fmt.Fprintf(p.out, "\n  Make the first account here, once:\n  %s/admin/setup/?token=%s\n\n  Something to look at: make demo\n", site, d.superusers.SetupToken())
	}
	fmt.Fprintln(p.out)
}

func (p *program) workerCommand() *cobra.Command {
	var count int
	command := &cobra.Command{
		Use: "worker", Short: "Send mail from the queue", Args: cobra.NoArgs,
		Long: "Send mail from the queue of CELERY_BROKER_URL. Run as many as you like.",
		RunE: func(command *cobra.Command, _ []string) error { return p.work(command.Context(), count) },
	}
	command.Flags().IntVarP(&count, "concurrency", "c", processWorkers, "mails sent at once, each over its own connection")
	return command
}

func (p *program) work(ctx context.Context, count int) (err error) {
	d, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if d.config.Embedded {
		return errors.New("CELERY_BROKER_URL is not set: without a broker there is no queue to share, and serve sends the mail itself")
	}
	if count < 1 {
		return errors.New("--concurrency must be 1 or more")
	}
	mail, err := d.newWorkers(count)
	if err != nil {
		return err
	}
	if err := d.waitFor(ctx, "the database and its migrations", d.migrated); err != nil {
		return endOf(ctx, err)
	}
	if err := d.newBackoffice(mail).Open(d.config.Secrets()); err != nil { // jobs do what it declares
		return err
	}
	mail.Start()
	d.log.InfoContext(ctx, "working", slog.Int("concurrency", count))
	go d.attend(ctx, func(context.Context) error { return sweeps(mail.Swept()) })
	<-ctx.Done()
	d.tellSystemd("STOPPING=1")
	rest, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	mail.Stop(rest)
	return nil
}

func (d *deps) migrated(ctx context.Context) error {
	pending, err := migrations.Pending(ctx, d.db)
	if err == nil && pending > 0 {
		err = fmt.Errorf("%d migrations are not applied", pending)
	}
	return err
}
