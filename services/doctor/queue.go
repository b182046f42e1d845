package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"digitalpath/models"
)

// broker tells whether Redis answers.
func (d *Doctor) broker(ctx context.Context) []Finding {
	if d.Queue == nil {
		return []Finding{ok("CELERY_BROKER_URL is not set: the queue lives inside serve, and its page Health looks at it.")}
	}
	queue, err := d.Queue(ctx)
	if err != nil {
		return []Finding{failed("Redis does not answer: %s. The web processes send mail by themselves meanwhile.", models.Reason(err)).
			mend(`sudo systemctl start redis-server && redis-cli -u "$CELERY_BROKER_URL" ping`)}
	}
	if health, err := d.Messages.Health(ctx); err == nil && health.Dead > 0 {
		return []Finding{warn("Redis answers, and %s jobs became dead letters.", health.Dead.String()).mend("Back office: Dead letters, Put back or Delete")}
	}
	return []Finding{ok("Redis answers; %d jobs wait.", queue.Waiting)}
}

// jobs finds workers that were started before the version that is asked here.
func (d *Doctor) jobs(ctx context.Context) []Finding {
	queue, err := d.look(ctx)
	if err != nil || len(queue.Workers) == 0 {
		return nil // other findings tell it
	}
	var findings []Finding
	for _, worker := range queue.Workers {
		if len(worker.Lacks) > 0 {
			findings = append(findings, warn("The worker %s does not know the jobs %s: it runs an older version.", worker.Name, strings.Join(worker.Lacks, ", ")).
				mend("sudo systemctl restart digitalpath-worker"))
		}
	}
	if findings == nil {
		findings = []Finding{ok("Every worker knows every job.")}
	}
	return findings
}

// look is an error where there is no queue to look at.
func (d *Doctor) look(ctx context.Context) (Queue, error) {
	if d.Queue == nil {
		return Queue{}, context.Canceled
	}
	return d.Queue(ctx)
}

func (d *Doctor) workers(ctx context.Context) []Finding {
	queue, err := d.look(ctx)
	if err != nil {
		return nil // the broker's finding tells it
	}
	if len(queue.Workers) == 0 {
		return []Finding{failed("No worker is alive: mail waits in the database.").mend("digitalpath worker")}
	}
	var names []string
	for _, worker := range queue.Workers {
		names = append(names, worker.Name)
	}
	return []Finding{ok("%d alive: %s", len(names), strings.Join(names, ", "))}
}

// probe sends a job through the queue.
func (d *Doctor) probe(ctx context.Context) []Finding {
	queue, err := d.look(ctx)
	if err != nil || len(queue.Workers) == 0 {
		return nil // other findings tell it
	}
	began := d.Now()
	worker, err := d.Probe(ctx)
	took := fmt.Sprintf("%.2f", d.Now().Sub(began).Seconds())
	if err != nil {
		return []Finding{failed("Status before: queued. After %s seconds: %s.", took, err.Error()).
			mend("sudo systemctl restart digitalpath-worker")}
	}
	return []Finding{ok("Status before: queued. After %s seconds: done, by %s.", took, worker)}
}

// outbox tells what waits, and what nobody sends any more.
func (d *Doctor) outbox(ctx context.Context) []Finding {
	health, err := d.Messages.Health(ctx)
	if err != nil {
		return nil // the database's findings tell it
	}
	switch {
	case health.Failing != "":
		return []Finding{failed("%s mails wait, and the newest attempt failed: %s", health.Waiting.String(), health.Failing).
			mend("digitalpath doctor --send-to you@example.com")}
	case health.OldestWaiting > time.Minute:
		return []Finding{failed("%s mails wait, the oldest for %s.", health.Waiting.String(), health.OldestWaiting.Round(time.Second).String()).mend("digitalpath worker")}
	case health.Failed > 0:
		return []Finding{warn("%s mails failed for good and wait for somebody.", health.Failed.String()).
			mend("Back office: Contact messages, Status: Failed, Send again")}
	}
	return []Finding{ok("%s mails wait, none for long, and none failed.", health.Waiting.String())}
}
