package workers

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	gomail "github.com/wneessen/go-mail"
)

// consoleMailer shows mails on the terminal, with a line between them as Django does.
type consoleMailer struct {
	mu  sync.Mutex // all workers share it
	out io.Writer
}

func (m *consoleMailer) Send(_ context.Context, msg *gomail.Msg) (string, error) {
	text, err := sourceOf(msg)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := fmt.Fprintf(m.out, "%s\n%s\n", text, strings.Repeat("-", 79)); err != nil {
		return "", &MailError{Reply: fmt.Sprintf("The mail could not be written to the terminal: %v.", err), Err: err}
	}
	return "Written to the terminal.", nil
}

// Server is the backend's name.
func (*consoleMailer) Server() string { return BackendConsole }

// Close has nothing to do.
func (*consoleMailer) Close() {}
