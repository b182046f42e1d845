package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"digitalpath/config"
)

// healthTime is less than what container engines give a probe.
const healthTime = 4 * time.Second

// healthCommand is the probe of an image that holds neither a shell nor curl.
func (p *program) healthCommand() *cobra.Command {
	return &cobra.Command{
		Use: "health", Short: "Ask the serve of this machine whether it lives", Args: cobra.NoArgs,
		Long: `Ask the "digitalpath serve" that listens on PORT of this machine whether it
lives, and fail where it does not. serve listens once its migrations are applied.`,
		RunE: func(command *cobra.Command, _ []string) error {
			c, err := config.FromEnv(p.environ)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(command.Context(), healthTime)
			defer cancel()
			if err := alive(ctx, c.Port); err != nil {
				return err
			}
			fmt.Fprintln(p.out, "ok")
			return nil
		},
	}
}

func alive(ctx context.Context, port uint16) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/healthz", port), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("nothing answers: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // nothing is read from it
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("port %d answers %s to /healthz", port, answer.Status)
	}
	return nil
}
