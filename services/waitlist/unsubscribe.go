package waitlist

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// UnsubscribeLinks makes the links by which people leave the mails of the waitlist,
// and knows its own again. A link is for an address and for ever; it is made when a
// mail is rendered and stored nowhere.
type UnsubscribeLinks struct {
	backendURL string
	keys       [][]byte // the first signs; former ones are still good
}

// NewUnsubscribeLinks derives the links' keys from the program's secrets, today's first;
// backendURL has no slash at its end.
func NewUnsubscribeLinks(backendURL string, secrets ...string) UnsubscribeLinks {
	links := UnsubscribeLinks{backendURL: backendURL}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte("waitlist unsubscribe"))
		links.keys = append(links.keys, mac.Sum(nil))
	}
	return links
}

// URL is the link for an address.
func (l UnsubscribeLinks) URL(address string) string {
	query := url.Values{"address": {address}, "token": {unsubscribeToken(l.keys[0], address)}}
	return l.backendURL + "/waitlist/unsubscribe/?" + query.Encode()
}

func unsubscribeToken(key []byte, address string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(address))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Check returns a problem where the token is not one of ours for the address.
func (l UnsubscribeLinks) Check(address, token string) error {
	if !slices.ContainsFunc(l.keys, func(key []byte) bool { return hmac.Equal([]byte(token), []byte(unsubscribeToken(key, address))) }) {
		return problem.New(problem.Invalid, "invalid_link", "This link is not complete. Open it from the mail again.")
	}
	return nil
}

// Unsubscribe ends all mail of the waitlist to an address, for ever: what waits is
// cancelled, and an entry that the address may get later is born unsubscribed.
// Doing it again changes nothing.
func (s *Service) Unsubscribe(ctx context.Context, address, token string) error {
	if err := s.Links.Check(address, token); err != nil {
		return err
	}
	now := s.Now()
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		optout := &models.WaitlistOptout{AddressHash: addressHash(address), CreatedAt: now}
		if _, err := tx.NewInsert().Model(optout).On("CONFLICT (address_hash) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("keep who unsubscribed: %w", err)
		}
		var ids []int64
		if err := tx.NewSelect().Model((*models.WaitlistEntry)(nil)).Column("id").
			Where("lower(email) = ?", address).Where("unsubscribed_at IS NULL").Scan(ctx, &ids); err != nil {
			return fmt.Errorf("find who unsubscribes: %w", err)
		}
		if err := s.Outbox.Cancel(ctx, tx, ids, "the person unsubscribed.", MailWelcome, MailInvitation); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model((*models.WaitlistEntry)(nil)).
			Set("unsubscribed_at = ?", now).Set("updated_at = ?", now).Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return fmt.Errorf("mark entry as unsubscribed: %w", err)
		}
		entries := make([]models.WaitlistEntry, len(ids))
		for i, id := range ids {
			entries[i] = models.WaitlistEntry{ID: id, Email: address}
		}
		return s.record(ctx, tx, models.HistoryChanged, "Unsubscribed", entries)
	})
}

// keepOptout marks an entry as unsubscribed whose address was unsubscribed once.
func keepOptout(ctx context.Context, tx bun.Tx, entries ...*models.WaitlistEntry) error {
	byHash := map[string]*models.WaitlistEntry{}
	hashes := make([]string, len(entries))
	for i, entry := range entries {
		hashes[i] = addressHash(entry.Email)
		byHash[hashes[i]] = entry
	}
	var optouts []models.WaitlistOptout
	if err := tx.NewSelect().Model(&optouts).Where("address_hash IN (?)", bun.List(hashes)).Scan(ctx); err != nil {
		return fmt.Errorf("look for those who unsubscribed: %w", err)
	}
	for _, optout := range optouts {
		byHash[optout.AddressHash].UnsubscribedAt = optout.CreatedAt
	}
	return nil
}

func addressHash(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:])
}
