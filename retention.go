package main

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/config"
	"digitalpath/models"
	"digitalpath/services/accounts"
	"digitalpath/services/outbox"
	"digitalpath/services/records"
)

// retain removes what is older than the RETENTION_* settings keep.
func (d *deps) retain(ctx context.Context) error {
	at := now()
	var errs []error
	for _, kept := range []struct {
		days config.Days
		old  func(before time.Time) records.Aged
	}{
		{d.config.SpamDays, d.contact.OldSpam},
		{d.config.SpamDays, d.waitlist.OldSpam},
		{d.config.LoginDays, func(before time.Time) records.Aged {
			return records.AgedRows[models.Session]("Ended logins", accounts.OldLogins(at, before))
		}},
		{d.config.SentMailDays, func(before time.Time) records.Aged {
			return records.AgedRows[models.OutboxMessage]("Sent mails", outbox.OldSent(before))
		}},
		{d.config.HistoryDays, func(before time.Time) records.Aged {
			return records.AgedRows[models.HistoryEntry]("History", func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("at < ?", before) })
		}},
	} {
		if before, set := kept.days.Before(at); set {
			errs = append(errs, records.RemoveOld(ctx, d.db, at, kept.old(before)))
		}
	}
	return errors.Join(errs...)
}
