package outbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
)

// shownAddresses is how many addresses a Mailing names.
const shownAddresses = 20

// ToEach is a mail to each of the addresses that query selects.
func (o *Outbox) ToEach(ctx context.Context, query *bun.SelectQuery) (models.Mailing, error) {
	var m models.Mailing
	total, err := query.Limit(shownAddresses).ScanAndCount(ctx, &m.To)
	if err != nil {
		return m, fmt.Errorf("find whom to mail: %w", err)
	}
	m.Mails, m.People = int(total), int(total)
	return m, nil
}

// ToStaff is a notice about each of count objects.
func (o *Outbox) ToStaff(count int) models.Mailing {
	if count == 0 {
		return models.Mailing{}
	}
	return models.Mailing{Mails: count * len(o.Staff), People: len(o.Staff), To: o.Staff[:min(len(o.Staff), shownAddresses)]}
}
