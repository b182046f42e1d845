package models

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// NormalizeEmail is the one spelling of an address, in which it is stored, compared,
// limited and mailed: without spaces around it and without case, its domain in punycode
// as UTS 46 maps it, so that ana@españa.es and ana@xn--espaa-rta.es are one. What is no
// address stays as it is; IsEmail has the say.
func NormalizeEmail(s string) string {
	address := strings.TrimSpace(s)
	local, domain, ok := cutAddress(address)
	if !ok || !plainLocal(local) {
		return address
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return address
	}
	return strings.ToLower(local) + "@" + ascii
}

// DisplayEmail is an address as people write it.
func DisplayEmail(address string) string {
	local, domain, ok := cutAddress(address)
	if !ok {
		return address
	}
	shown, err := idna.Display.ToUnicode(domain)
	if err != nil {
		return address
	}
	return local + "@" + shown
}

// IsEmail tells whether a normalized address could be somebody's.
func IsEmail(s string) bool { return validate.Var(s, "required,max=254,email") == nil }

// cutAddress splits at the last @. In full width that sign is none yet.
func cutAddress(s string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", "", false
	}
	return s[:at], s[at+1:], true
}

// plainLocal refuses what looks like another local part, or becomes one in lower case:
// two spellings must not be two accounts of one mailbox, nor one account of two.
func plainLocal(local string) bool {
	lower := strings.ToLower(local)
	return norm.NFKC.IsNormalString(local) && norm.NFKC.IsNormalString(lower) && !strings.ContainsFunc(local, func(r rune) bool {
		return unicode.In(r, unicode.C, unicode.Z, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
			r == '\u2800' || // a blank of Braille
			r > unicode.MaxASCII && unicode.ToLower(r) <= unicode.MaxASCII
	})
}
