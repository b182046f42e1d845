package backoffice

import (
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/problem"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
	"digitalpath/workers"
)

// Mailbox lists the mails that went to files instead of a mail server. Its routes
// exist only with debug on.
func (b *Backoffice) Mailbox(c *fiber.Ctx) error {
	mails, err := b.MailFiles.List()
	if err != nil {
		return err
	}
	page := staff.Mailbox{Frame: b.BareFrame(c, i18n.T(c.UserContext(), "Mailbox"))}
	for _, l := range mails {
		page.Mails = append(page.Mails, staff.MailSummary{
			URL: mailURL(l.ID), From: bare(l.From), To: bare(l.To), Subject: l.Subject, At: l.Date,
		})
	}
	return admin.Render(c, staff.MailboxPage(page))
}

// MailboxAPI is the mailbox for programs, the newest mail first: tests find the links in
// it without reading pages. ?to= asks for the mails to one address.
func (b *Backoffice) MailboxAPI(c *fiber.Ctx) error {
	type mail struct {
		ID      string    `json:"id"`
		From    string    `json:"from"`
		To      string    `json:"to"`
		Subject string    `json:"subject"`
		Date    time.Time `json:"date"`
		Text    string    `json:"text"`
		Links   []string  `json:"links"`
	}
	listed, err := b.MailFiles.List()
	if err != nil {
		return err
	}
	mails := []mail{}
	for _, l := range listed {
		if to := c.Query("to"); to != "" && !strings.Contains(strings.ToLower(l.To), "<"+strings.ToLower(to)+">") {
			continue
		}
		whole, err := b.MailFiles.Open(l.ID)
		if err != nil {
			return err
		}
		mails = append(mails, mail{
			whole.ID, bare(whole.From), bare(whole.To), whole.Subject, whole.Date.UTC(), whole.Text, append([]string{}, link.FindAllString(whole.Text, -1)...),
		})
	}
	return c.JSON(mails)
}

// Mail shows one mail as HTML, as text or as it was written (?as=text, ?as=source).
func (b *Backoffice) Mail(c *fiber.Ctx) error {
	ctx := c.UserContext()
	mail, err := b.mailFile(c)
	if err != nil {
		return err
	}
	as := c.Query("as")
	if as == "" && mail.HTML == "" {
		as = "text"
	}
	url := mailURL(mail.ID)
	page := staff.Mail{
		Frame: b.BareFrame(c, mail.Subject), Subject: mail.Subject, ListURL: "/dev/mailbox/",
		Headers: []staff.Header{
			{Name: i18n.T(ctx, "From"), Value: bare(mail.From)}, {Name: i18n.T(ctx, "To"), Value: bare(mail.To)},
			{Name: i18n.T(ctx, "Date"), Value: mail.Date.UTC().Format("2006-01-02 15:04:05 UTC")},
		},
		Tabs: []staff.Tab{
			{Label: i18n.T(ctx, "HTML"), URL: url, Selected: as == ""},
			{Label: i18n.T(ctx, "Text"), URL: url + "?as=text", Selected: as == "text"},
			{Label: i18n.T(ctx, "Raw"), URL: url + "?as=source", Selected: as == "source"},
		},
	}
	switch as {
	case "text":
		page.Text = segments(mail.Text)
	case "source":
		page.Source = mail.Source
	default:
		page.HTMLURL = url + "html/"
	}
	return admin.Render(c, staff.MailPage(page))
}

// MailHTML is the HTML of a mail, for the frame on its page. It may do nothing but
// be looked at, and have its links opened.
func (b *Backoffice) MailHTML(c *fiber.Ctx) error {
	mail, err := b.mailFile(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "+
		"sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation")
	c.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.SendString(mail.HTML)
}

func (b *Backoffice) mailFile(c *fiber.Ctx) (workers.MailFile, error) {
	mail, err := b.MailFiles.Open(c.Params("id"))
	if errors.Is(err, fs.ErrNotExist) {
		return mail, problem.ErrNotFound()
	}
	return mail, err
}

// bare is a header of addresses without the brackets around those that have no name.
func bare(addresses string) string { return nameless.ReplaceAllString(addresses, "$1$2") }

var nameless = regexp.MustCompile(`(^|, *)<([^>]*)>`)

func mailURL(id string) string { return "/dev/mailbox/" + id + "/" }

var link = regexp.MustCompile(`https?://[^\s<>"]+`)

// segments finds the links in a mail's text.
func segments(text string) []staff.Segment {
	var all []staff.Segment
	end := 0
	for _, at := range link.FindAllStringIndex(text, -1) {
		all = append(all, staff.Segment{Text: text[end:at[0]]}, staff.Segment{Text: text[at[0]:at[1]], URL: text[at[0]:at[1]]})
		end = at[1]
	}
	return append(all, staff.Segment{Text: text[end:]})
}
