package workers

import (
	"context"
	"testing"

	gomail "github.com/wneessen/go-mail"

	"digitalpath/models"
)

// What one reused SMTP connection can carry, with nothing around it.
func BenchmarkBareConnection(b *testing.B) {
	f := newFixture(b)
	client, err := gomail.NewClient(f.smtp.host, gomail.WithPort(f.smtp.port), gomail.WithTLSPolicy(gomail.NoTLS))
	if err != nil {
		b.Fatal(err)
	}
	if err := client.DialWithContext(b.Context()); err != nil {
		b.Fatal(err)
	}
	id := f.submit("Ada")
	p, _, _ := f.message(id)
	composer := NewComposer(f.db, f.mail)
	for b.Loop() {
		msg, err := composer.compose(b.Context(), &p)
		if err != nil {
			b.Fatal(err)
		}
		if err := client.Send(msg); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

// What one worker sends, from the queue to the status that staff see.
func BenchmarkOneWorker(b *testing.B) { benchmarkWorkers(b, 1) }

func BenchmarkFourWorkers(b *testing.B) { benchmarkWorkers(b, 4) }

func benchmarkWorkers(b *testing.B, workers int) {
	f := newFixture(b)
	web := f.process(0)
	for range b.N {
		f.submit("Ada")
	}
	web.relay.flush()
	b.ResetTimer()
	f.process(workers)
	f.until("all sent", func() bool {
		n, err := f.db.NewSelect().Model((*models.OutboxMessage)(nil)).Where("state <> ?", models.MailSent).Count(context.Background())
		return err == nil && n == 0
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

// From the form to the SMTP server while nothing else is to do.
func BenchmarkLatency(b *testing.B) {
	f := newFixture(b)
	taken := make(chan struct{}, 1)
	f.smtp.onText = func() { taken <- struct{}{} }
	f.process(4)
	f.until("listening", func() bool { return f.listeners() == 1 })
	for b.Loop() {
		f.submit("Ada")
		<-taken
	}
}
