package workers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"digitalpath/models"
	"digitalpath/views/mail"
)

func (c *Composer) contactNotice(ctx context.Context, id int64) (*mailMessage, error) {
	var message models.ContactMessage
	args := new(models.Args)
	err := c.db.NewSelect().Model(&message).Where("id = ?", args.Of(id)).Scan(args.In(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errOutdated("The message was deleted.")
	}
	if err != nil {
		return nil, fmt.Errorf("read contact message: %w", err)
	}
	notice := mail.ContactNotice{
		Name: oneLine(message.Name), Email: message.Email, Message: message.Message, SubmittedAt: message.CreatedAt,
		AdminURL: c.config.BackendURL + "/admin/" + models.ContactSlug + "/" + strconv.FormatInt(id, 10) + "/",
	}
	return &mailMessage{
		replyTo: message.Email, subject: "New Contact Form Submission from " + notice.Name,
		html: mail.ContactNoticeHTML(notice), text: mail.ContactNoticeText(notice),
	}, nil
}
