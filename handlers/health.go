package handlers

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"digitalpath/migrations"
	"digitalpath/models"
	"digitalpath/services/outbox"
)

// probeTime bounds what a probe asks of each part.
const probeTime = 2 * time.Second

// healthz tells that the process lives.
func (a *App) healthz(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "ok"}) }

// part is the state of one thing that the program needs.
type part struct {
	Status string `json:"status"` // ok, degraded or down
	Detail string `json:"detail,omitempty"`
}

// readyz tells the state of each part. Only without a database, or at its end, can
// nothing be accepted; whatever else is down, messages are kept and sent later. Anybody
// may ask, so no server's words are repeated: the back office shows them.
func (a *App) readyz(c *fiber.Ctx) error {
	if a.stopping.Load() {
		return unready(c, fiber.Map{"status": "stopping", "parts": map[string]part{"web": {Status: "down", Detail: "This process is stopping."}}})
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), probeTime)
	defer cancel()
	parts := map[string]part{"database": a.databasePart(ctx)}
	if parts["database"].Status == "down" {
		return unready(c, fiber.Map{"status": "down", "parts": parts})
	}
	mails, err := a.Outbox.Health(ctx)
	parts["redis"], parts["workers"] = a.queueParts(ctx, mails.Dead)
	parts["mail"] = mailPart(mails, err)
	status := "ok"
	for _, p := range parts {
		if p.Status != "ok" {
			status = "degraded"
		}
	}
	return c.JSON(fiber.Map{"status": status, "parts": parts})
}

func (a *App) databasePart(ctx context.Context) part {
	if err := a.DB.PingContext(ctx); err != nil {
		return part{Status: "down", Detail: "The database does not answer."}
	}
	if pending, err := migrations.Pending(ctx, a.DB); err != nil || pending > 0 {
		return part{Status: "degraded", Detail: "Migrations are not applied."}
	}
	if writable, err := models.IsWritable(ctx, a.DB); err != nil || !writable {
		return part{Status: "degraded", Detail: "The database takes no changes."}
	}
	return part{Status: "ok"}
}

func (a *App) queueParts(ctx context.Context, dead outbox.Count) (redis, workers part) {
	status, err := a.Queue.Status(ctx)
	if err != nil {
		down := part{Status: "degraded", Detail: "Redis does not answer; mail goes out from this process."}
		return down, part{Status: "degraded", Detail: "Unknown while Redis is down."}
	}
	redis = part{Status: "ok"}
	if dead > 0 {
		redis = part{Status: "degraded", Detail: dead.String() + " dead letters."}
	}
	alive := status.Alive(a.Now())
	if alive == 0 {
		return redis, part{Status: "degraded", Detail: "No worker is alive."}
	}
	return redis, part{Status: "ok", Detail: strconv.Itoa(alive) + " alive"}
}

// mailPart is degraded while mail waits for longer than it should, or when the
// newest attempt could not be made.
func mailPart(health outbox.Health, err error) part {
	switch {
	case err != nil:
		return part{Status: "degraded", Detail: "The outbox cannot be read."}
	case health.Failing != "":
		return part{Status: "degraded", Detail: "The newest attempt failed."}
	case health.OldestWaiting > time.Minute:
		return part{Status: "degraded", Detail: "The oldest mail waits for " + health.OldestWaiting.Round(time.Second).String()}
	}
	return part{Status: "ok"}
}

// requests are what Prometheus learns of HTTP.
type requests struct {
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newRequests(registry *prometheus.Registry) requests {
	r := requests{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time to answer.",
		}, []string{"route"}),
	}
	registry.MustRegister(r.total, r.duration)
	return r
}

// count uses the route's pattern, never the path: its values are without bound.
func (r requests) count(c *fiber.Ctx, status int, elapsed time.Duration) {
	route := c.Route().Path
	r.total.WithLabelValues(c.Method(), route, strconv.Itoa(status)).Inc()
	r.duration.WithLabelValues(route).Observe(elapsed.Seconds())
}

// mailGauges asks the outbox and the queue at each scrape.
type mailGauges struct{ app *App }

var (
	waitingDesc = prometheus.NewDesc("mail_waiting", "Mails not sent yet.", nil, nil)
	oldestDesc  = prometheus.NewDesc("mail_oldest_waiting_seconds", "Age of the oldest mail that waits.", nil, nil)
	failedDesc  = prometheus.NewDesc("mail_failed", "Mails that failed and need somebody.", nil, nil)
	queuedDesc  = prometheus.NewDesc("queue_jobs_waiting", "Jobs in the queue.", nil, nil)
	deadDesc    = prometheus.NewDesc("queue_jobs_dead", "Dead letters.", nil, nil)
	workersDesc = prometheus.NewDesc("queue_workers", "Workers alive.", nil, nil)
)

// Describe and Collect make mailGauges a prometheus.Collector.
func (mailGauges) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{waitingDesc, oldestDesc, failedDesc, queuedDesc, deadDesc, workersDesc} {
		descriptions <- d
	}
}

func (g mailGauges) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	gauge := func(desc *prometheus.Desc, value float64) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	if health, err := g.app.Outbox.Health(ctx); err == nil {
		gauge(waitingDesc, float64(health.Waiting))
		gauge(deadDesc, float64(health.Dead))
		gauge(oldestDesc, health.OldestWaiting.Seconds())
		gauge(failedDesc, float64(health.Failed))
	}
	if status, err := g.app.Queue.Status(ctx); err == nil {
		gauge(queuedDesc, float64(status.Waiting))
		gauge(workersDesc, float64(status.Alive(g.app.Now())))
	}
}

// metrics makes the registry of this app and the handler that serves it.
func (a *App) metrics() (requests, fiber.Handler) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), mailGauges{a})
	return newRequests(registry), adaptor.HTTPHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}
