package handlerstest

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"
)

// Mail is a message that a mail server took: it answered 250, or would have where
// the client was there to hear it.
type Mail struct {
	From string
	To   []string
	mail.Message
	Text string // the body as it came
}

// ID is the Message-ID without its brackets.
func (m Mail) ID() string { return strings.Trim(m.Header.Get("Message-ID"), "<>") }

// Part is the decoded part of a content type, "" where there is none.
func (m Mail) Part(t testing.TB, contentType string) string {
	t.Helper()
	return findPart(t, textproto.MIMEHeader(m.Header), strings.NewReader(m.Text), contentType)
}

func findPart(t testing.TB, header textproto.MIMEHeader, body io.Reader, wanted string) string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("Content-Type of a mail: %v", err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		if kind != wanted {
			return ""
		}
		switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		if found := findPart(t, part.Header, part, wanted); found != "" {
			return found
		}
	}
}
