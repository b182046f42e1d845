package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ask returns the line that answers the question, without its end and else as it
// was typed: it may be a password.
func (p *program) ask(ctx context.Context, from *bufio.Reader, question string) (string, error) {
	fmt.Fprint(p.out, question)
	return p.answer(ctx, question, func() (string, error) {
		line, err := from.ReadString('\n')
		if errors.Is(err, io.EOF) && line != "" {
			err = nil // the last line may lack its end
		}
		return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
	})
}

// askPasswordTwice reads without echo where a person types.
func (p *program) askPasswordTwice(ctx context.Context, from *bufio.Reader) (password string, err error) {
	read := func(question string) (string, error) { return p.ask(ctx, from, question) }
	if file, ok := p.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		var before *term.State
		if before, err = term.MakeRaw(int(file.Fd())); err != nil {
			return "", fmt.Errorf("turn the terminal's echo off: %w", err)
		}
		defer func() { err = errors.Join(err, term.Restore(int(file.Fd()), before)) }()
		// A raw terminal sends Ctrl-C as a key; this one takes it for the end.
		screen := term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{file, p.out}, "")
		read = func(question string) (string, error) {
			return p.answer(ctx, question, func() (string, error) { return screen.ReadPassword(question) })
		}
	}
	if password, err = read("Password: "); err != nil {
		return "", err
	}
	again, err := read("Password (again): ")
	if err == nil && password != again {
		err = errors.New("the two passwords are not the same")
	}
	return password, err
}

// answer waits for read or for the end of ctx. A read of standard input cannot be
// cut short, so it is left behind: the program ends.
func (p *program) answer(ctx context.Context, question string, read func() (string, error)) (string, error) {
	type line struct {
		text string
		err  error
	}
	lines := make(chan line, 1)
	go func() {
		text, err := read()
		lines <- line{text, err}
	}()
	var got line
	select {
	case got = <-lines:
	case <-ctx.Done():
		got.err = errors.New("interrupted")
	}
	if got.err != nil {
		fmt.Fprintln(p.out)
		return "", fmt.Errorf("no answer to %q: %w", strings.TrimSpace(question), got.err)
	}
	return got.text, nil
}
