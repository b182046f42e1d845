package models

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-playground/validator/v10"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"digitalpath/problem"
)

// usernameShape is Django's UnicodeUsernameValidator.
var usernameShape = regexp.MustCompile(`^[\p{L}\p{N}_@.+-]+$`)

// ValidUsername tells whether s is made of what Django allows in usernames.
func ValidUsername(s string) bool { return usernameShape.MatchString(s) }

var validate = newValidator()

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("bun"), ",")
		return name
	})
	if err := v.RegisterValidation("username", func(fl validator.FieldLevel) bool {
		return ValidUsername(fl.Field().String())
	}); err != nil {
		panic(err) // only for an empty tag or a nil function
	}
	if err := v.RegisterValidation("visible", func(fl validator.FieldLevel) bool {
		return strings.IndexFunc(fl.Field().String(), visible) >= 0
	}); err != nil {
		panic(err)
	}
	shape := validator.New()
	if err := v.RegisterValidation("email", func(fl validator.FieldLevel) bool {
		local, domain, ok := cutAddress(fl.Field().String())
		_, err := idna.Lookup.ToASCII(domain)
		return ok && err == nil && plainLocal(local) && shape.Var(fl.Field().String(), "email") == nil
	}); err != nil {
		panic(err)
	}
	if err := v.RegisterValidation("choice", func(fl validator.FieldLevel) bool {
		value := fl.Field().String()
		if fl.Field().CanInt() {
			value = strconv.FormatInt(fl.Field().Int(), 10)
		}
		return slices.Contains(valuesOf(fl.Field().Interface()), value)
	}); err != nil {
		panic(err)
	}
	return v
}

// visible tells whether people see something of r: it is no space, no control or format
// character, and none of those that fonts leave out (Unicode's default ignorables; U+2800
// is a pattern of Braille without a dot).
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != '\u2800' &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// valuesOf lists what an enumerated column may hold; nothing for another one.
func valuesOf(column any) []string {
	var values []string
	if e, ok := column.(Enumerated); ok {
		for _, choice := range e.Choices() {
			values = append(values, choice.Value)
		}
	}
	return values
}

// Validate holds row (a pointer to a model) against the validate tags of its
// columns. All faults are returned together, as one *problem.Problem.
func Validate(row any) error {
	err := validate.Struct(row)
	faults, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return err
	}
	fields := problem.Fields{}
	for _, fault := range faults {
		switch fault.Tag() {
		case "required", "visible":
			fields.Add(fault.Field(), "This field is required.")
		case "max":
			if reflect.Zero(fault.Type()).CanInt() || reflect.Zero(fault.Type()).CanFloat() {
				fields.Add(fault.Field(), "Enter a number of at most %s.", fault.Param())
				continue
			}
			fields.Add(fault.Field(), "Use at most %s characters.", fault.Param())
		case "min":
			fields.Add(fault.Field(), "Enter a number of at least %s.", fault.Param())
		case "choice":
			fields.Add(fault.Field(), "Choose one of: %s.", strings.Join(valuesOf(fault.Value()), ", "))
		case "email":
			fields.Add(fault.Field(), "Enter a valid e-mail address.")
		case "http_url":
			fields.Add(fault.Field(), "Enter an address that starts with https:// or http://.")
		case "username":
			fields.Add(fault.Field(), "Use letters, digits and @ . + - _ only.")
		default:
			fields.Add(fault.Field(), "Enter a valid value.")
		}
	}
	return fields.Problem()
}

// ValidateWith adds what validation says of row to faults, so that all comes at once.
func ValidateWith(row any, faults problem.Fields) error {
	if len(faults) == 0 {
		return nil
	}
	if p, ok := problem.As(Validate(row)); ok {
		for name, texts := range p.Fields {
			if len(faults[name]) == 0 {
				faults[name] = texts
			}
		}
	}
	return faults.Problem()
}

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
		return !visible(r) || r > unicode.MaxASCII && unicode.ToLower(r) <= unicode.MaxASCII
	})
}

// Truncate cuts s to at most n characters.
func Truncate(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n])
	}
	return s
}
