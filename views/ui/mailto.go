package ui

import (
	"net/url"
	"strings"
)

// MailTo is the link that writes to an address, in which nothing is for the mail program
// to read: it takes even what url.PathEscape leaves, as "&" and "=", for the names of
// further headers (RFC 6068 section 2).
func MailTo(address string) string {
	return "mailto:" + strings.NewReplacer("%40", "@", "+", "%20").Replace(url.QueryEscape(address))
}
