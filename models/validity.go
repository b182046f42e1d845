package models

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/go-playground/validator/v10"
	"golang.org/x/net/idna"

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
		return slices.Contains(valuesOf(fl.Field().Interface()), fl.Field().String())
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
			if fault.Kind() == reflect.Int {
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
		case "username":
			fields.Add(fault.Field(), "Use letters, digits and @ . + - _ only.")
		default:
			fields.Add(fault.Field(), "Enter a valid value.")
		}
	}
	return fields.Problem()
}
