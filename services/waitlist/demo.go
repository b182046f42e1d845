package waitlist

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// The people of the demo's waitlist are combined of these.
var (
	demoFirst   = []string{"Amelia", "Marco", "Priya", "Tom", "Lucía", "Ben", "Hana", "Greta"}
	demoLast    = []string{"Nguyen", "Rossi", "Raman", "Okafor", "Fernández", "Whitaker"}
	demoFirms   = []string{"Alder Clinics", "Cobalt Logistics", "Fjord Seafood", "Ibérica Seguros", "Juniper Hotels"}
	demoSources = []string{"newsletter", "linkedin", "google", ""}
)

// Demo puts people on the list who joined in the last weeks, the first of them invited
// and some unsubscribed, without any mail. It returns how many it added: none where they
// are there already.
func (s *Service) Demo(ctx context.Context) (int, error) {
	there, err := s.DB.NewSelect().Model((*models.WaitlistEntry)(nil)).Where("email LIKE ?", "%@demo.example").Exists(ctx)
	if err != nil || there {
		return 0, err
	}
	entries := make([]models.WaitlistEntry, len(demoFirst)*len(demoLast))
	for i := range entries {
		first, last := demoFirst[i%len(demoFirst)], demoLast[i/len(demoFirst)]
		at := s.Now().Add(-time.Duration((len(entries)-i)*(11+i%5)) * time.Hour)
		e := &entries[i]
		*e = models.WaitlistEntry{
			Email: fmt.Sprintf("waits%d@demo.example", i+1), FirstName: first, LastName: last, Company: demoFirms[i%len(demoFirms)],
			UTMSource: demoSources[i%len(demoSources)], Language: []string{"en", "es"}[i%2], IPAddress: "203.0.113.9",
			Notified: true, CreatedAt: at, UpdatedAt: at,
		}
		switch {
		case i%17 == 5:
			e.IsSpam, e.Notified = true, false
		case i%13 == 4:
			e.UnsubscribedAt = at.Add(48 * time.Hour)
		case i < 12:
			e.InvitedAt = s.Now().Add(-72 * time.Hour)
		}
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&entries).Exec(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("add the demo's waitlist: %w", err)
	}
	return len(entries), nil
}
