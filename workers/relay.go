package workers

import (
	"context"
	"log/slog"
	"sync"
)

const (
	pushBatch    = 500 // jobs in one command to Redis
	localSenders = 4   // mails sent at once by a process whose Redis is down
)

// Handover takes the ids of messages that are due from who wrote them to the relay of
// this process, and word of jobs. Without one they are left to the sweepers of other
// processes.
type Handover struct {
	ids  *idQueue
	jobs chan struct{} // holds a token where there is a new job
}

// NewHandover makes an empty one.
func NewHandover() *Handover { return &Handover{newIDQueue(), make(chan struct{}, 1)} }

// Wake never waits and never drops an id.
func (h *Handover) Wake(ids []int64) { h.ids.add(ids...) }

// WakeJobs never waits.
func (h *Handover) WakeJobs() { signal(h.jobs) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// relay hands messages that are due over to Redis, or sends them itself while Redis is
// down.
type relay struct {
	broker   *broker
	handover *idQueue
	jobs     chan struct{} // of the handover
	local    *idQueue
	senders  []*sender // of local
	runner   *runner   // of this process
	log      *slog.Logger
}

// run hands over until ctx ends.
func (r *relay) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.handover.ready:
			r.flush()
		case <-r.jobs:
			if r.broker.notify() != nil { // health has logged it; other workers look by themselves
				signal(r.runner.notified)
			}
		}
	}
}

// flush hands over all that is at hand.
func (r *relay) flush() {
	for ids := r.handover.take(pushBatch); len(ids) > 0; ids = r.handover.take(pushBatch) {
		r.push(ids, r.broker.push)
	}
}

func (r *relay) push(ids []int64, to func([]int64) error) {
	if err := to(ids); err != nil { // health has logged it
		r.local.add(ids...)
	}
}

// send is one local sender, until ctx ends. An attempt under way goes on with
// sending.
func (r *relay) send(ctx, sending context.Context, c *sender) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.local.ready:
			from := localSource{ctx, r}
			c.deliver(sending, from.next(), from)
		}
	}
}

// localSource is the relay's own queue as a source, until its context ends.
type localSource struct {
	ctx context.Context
	*relay
}

func (localSource) ready(int) {}

func (s localSource) next() int64 {
	if s.ctx.Err() != nil {
		return 0
	}
	for _, id := range s.local.take(1) {
		return id
	}
	return 0
}

func (s localSource) setAside(id int64, err error) {
	s.log.Error("mail cannot be sent", "mail", id, "error", err)
}

// idQueue is an unbounded queue without doubles: adding never waits.
type idQueue struct {
	ready chan struct{} // holds a token while there may be something to take

	mu     sync.Mutex
	ids    []int64
	queued map[int64]bool
}

func newIDQueue() *idQueue {
	return &idQueue{ready: make(chan struct{}, 1), queued: map[int64]bool{}}
}

func (q *idQueue) add(ids ...int64) {
	q.mu.Lock()
	for _, id := range ids {
		if !q.queued[id] {
			q.queued[id] = true
			q.ids = append(q.ids, id)
		}
	}
	q.mu.Unlock()
	q.signal()
}

// take returns up to n ids, oldest first.
func (q *idQueue) take(n int) []int64 {
	q.mu.Lock()
	n = min(n, len(q.ids))
	ids := q.ids[:n:n]
	q.ids = q.ids[n:]
	for _, id := range ids {
		delete(q.queued, id)
	}
	more := len(q.ids) > 0
	q.mu.Unlock()
	if more {
		q.signal() // another taker may be idle
	}
	return ids
}

func (q *idQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ids)
}

func (q *idQueue) signal() { signal(q.ready) }
