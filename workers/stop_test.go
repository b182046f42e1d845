package workers

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"digitalpath/models"
)

func TestStopFinishesTheMailUnderWay(t *testing.T) {
	f := newFixture(t)
	sending := make(chan struct{})
	f.smtp.onText = func() { close(sending); time.Sleep(50 * time.Millisecond) }
	w := f.process(1)
	id := f.submit("Ada")
	<-sending
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	w.Stop(ctx)
	if p, _, _ := f.promise(id); p.Status != models.MailSent || ctx.Err() != nil {
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
	if p, _, attempts := f.promise(id); p.Status != models.MailPending || outcomes(attempts) != "running" {
		t.Errorf("%+v %s", p, outcomes(attempts))
	}
	f.process(1)
	f.wait(21 * time.Second)
	p, attempts := f.becomes(id, models.MailSent)
	if outcomes(attempts) != "lost sent" || p.MaxAttempts != 5 || len(f.smtp.received()) != 1 {
		t.Errorf("%+v %s", p, outcomes(attempts))
	}
}
