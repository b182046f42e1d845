package workers

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// fileMailer writes each mail as an .eml file, which mail programs open.
type fileMailer struct{ dir string }

// Send writes the file under its name only when it is whole. The name sorts by time.
func (m fileMailer) Send(_ context.Context, msg *gomail.Msg) (string, error) {
	if err := m.write(msg); err != nil {
		return "", &MailError{Reply: fmt.Sprintf("The mail could not be written to a file: %v.", err), Err: err}
	}
	return "Written to a file.", nil
}

func (m fileMailer) write(msg *gomail.Msg) error {
	text, err := sourceOf(msg)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return fmt.Errorf("make mail directory: %w", err)
	}
	draft, err := os.CreateTemp(m.dir, "draft-*")
	if err != nil {
		return fmt.Errorf("create mail file: %w", err)
	}
	defer os.Remove(draft.Name()) // is gone where all went well
	_, err = draft.Write(text)
	if err := errors.Join(err, draft.Close()); err != nil {
		return fmt.Errorf("write mail file: %w", err)
	}
	name := time.Now().UTC().Format("20060102T150405.000000000") + "-" + rand.Text()[:8] + ".eml"
	if err := os.Rename(draft.Name(), filepath.Join(m.dir, name)); err != nil {
		return fmt.Errorf("name mail file: %w", err)
	}
	return nil
}

// Server is the backend's name.
func (fileMailer) Server() string { return BackendFile }

// Close has nothing to do.
func (fileMailer) Close() {}

// Mailbox reads the mails that BackendFile wrote.
type Mailbox struct{ Dir string }

// mailboxPage bounds what List reads; older mails stay in the directory.
const mailboxPage = 200

// Letter is one mail of a Mailbox.
type MailFile struct {
	ID                string // of the file, without .eml
	From, To, Subject string // decoded
	Date              time.Time
	HTML, Text        string // empty in lists
	Source            string // the whole file; empty in lists
}

var mailFileID = regexp.MustCompile(`^[0-9A-Za-z.-]+$`)

// List returns the newest mails, newest first, without their bodies.
func (b Mailbox) List() ([]MailFile, error) {
	entries, err := os.ReadDir(b.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read mailbox: %w", err)
	}
	slices.Reverse(entries)
	var mails []MailFile
	for _, entry := range entries {
		id, isMail := strings.CutSuffix(entry.Name(), ".eml")
		if !isMail || len(mails) == mailboxPage {
			continue
		}
		mail, err := b.Open(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			mail.Subject = "(cannot be read)"
		}
		mail.HTML, mail.Text, mail.Source = "", "", ""
		mails = append(mails, mail)
	}
	return mails, nil
}

// Open reads one mail. An unknown id is fs.ErrNotExist.
func (b Mailbox) Open(id string) (MailFile, error) {
	if !mailFileID.MatchString(id) {
		return MailFile{}, fs.ErrNotExist
	}
	source, err := os.ReadFile(filepath.Join(b.Dir, id+".eml")) // #nosec G304 -- letterID holds no separator
	if err != nil {
		return MailFile{}, fmt.Errorf("open mail: %w", err)
	}
	mail := MailFile{ID: id, Source: string(source)}
	headers, err := netmail.ReadMessage(bytes.NewReader(source))
	if err != nil {
		return mail, fmt.Errorf("read headers of mail %s: %w", id, err)
	}
	decode := func(name string) string {
		value := headers.Header.Get(name)
		if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
			return decoded
		}
		return value
	}
	mail.From, mail.To, mail.Subject = decode("From"), decode("To"), decode("Subject")
	mail.Date, _ = headers.Header.Date() // a mail without one shows none
	return mail, mail.readParts()
}

func (l *MailFile) readParts() error {
	msg, err := gomail.EMLToMsgFromString(l.Source)
	if err != nil {
		return fmt.Errorf("read mail %s: %w", l.ID, err)
	}
	for _, part := range msg.GetParts() {
		content, err := part.GetContent()
		if err != nil {
			return fmt.Errorf("read a part of mail %s: %w", l.ID, err)
		}
		switch part.GetContentType() {
		case gomail.TypeTextHTML:
			l.HTML = string(content)
		case gomail.TypeTextPlain:
			l.Text = string(content)
		}
	}
	return nil
}
