package outbox_test

import (
	"context"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// before runs something right before the queries with a text in them.
type before struct {
	text string
	do   func()
}

func (b before) BeforeQuery(ctx context.Context, event *bun.QueryEvent) context.Context {
	if strings.Contains(event.Query, b.text) {
		b.do()
	}
	return ctx
}

func (before) AfterQuery(context.Context, *bun.QueryEvent) {}

// Found by make soak: the queue page was a 500 where a worker sent the last mail between
// the count and the look at the oldest.
func TestMailThatIsSentWhileItIsCountedIsNoError(t *testing.T) {
	o := newFixture(t, "staff@example.org")
	o.submit()
	plain := o.db
	o.outbox.DB = plain.WithQueryHook(before{"AS due", func() {
		if _, err := plain.NewDelete().Model((*models.OutboxMessage)(nil)).Where("TRUE").Exec(t.Context()); err != nil {
			t.Error(err)
		}
	}})
	if health, err := o.outbox.Health(t.Context()); err != nil || health.OldestWaiting != 0 {
		t.Errorf("%+v, %v", health, err)
	}
}
