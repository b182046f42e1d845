package workers

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"digitalpath/models"
)

func TestStopFinishesTheMailUnderWay(t *testing.T) {
	f := newFixture(t)
	sending, stopping := make(chan struct{}), make(chan struct{})
	f.smtp.onText = func() { close(sending); <-stopping }
	w := f.process(1)
	quit := w.quit
	w.quit = sync.OnceFunc(func() { quit(); close(stopping) })
	id := f.submit("Ada")
	<-sending
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	w.Stop(ctx)
	if p, _, _ := f.message(id); p.State != models.MailSent || ctx.Err() != nil {
		t.Errorf("%+v", p)
	}
}

func TestStopCutsOffAServerThatHangs(t *testing.T) {
	f := newFixture(t)
	sending, hang := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(hang) })
	f.smtp.fault(func(_ net.Conn, line string) bool {
		if strings.HasPrefix(line, "354") {
			close(sending)
			<-hang
			return false
		}
		return true
	})
	w := f.process(1)
	id := f.submit("Ada")
	<-sending
	f.smtp.fault(nil)
	ctx, cancel := context.WithTimeout(t.Context(), abandonTime+200*time.Millisecond)
	defer cancel()
	w.Stop(ctx)
	if ctx.Err() != nil {
		t.Error("Stop took all its time")
	}
	// The message is given back at once, and the attempt does not use one up.
	p, shown, attempts := f.message(id)
	if p.State != models.MailPending || shown.Status != models.ContactPending || outcomes(attempts) != "lost" || p.MaxAttempts != 5 {
		t.Errorf("%+v %s", p, outcomes(attempts))
	}
	f.process(1)
	p, attempts = f.becomes(id, models.MailSent)
	if outcomes(attempts) != "lost sent" || len(f.smtp.received()) != 1 {
		t.Errorf("%+v %s", p, outcomes(attempts))
	}
}
