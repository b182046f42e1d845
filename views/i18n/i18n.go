// Package i18n puts sentences into the reader's language. The English text is the
// key, so sources read as they look; catalogue.go holds the Spanish, plurals.go what
// hangs on a number.
package i18n

import (
	"context"
	"strconv"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// Languages lists the codes that With understands, the default first.
var Languages = []string{"en", "es"}

// tags are the Languages as golang.org/x/text knows them. Spain's Spanish is chosen
// for its separators (1.284); the words are meant for every Spanish reader.
var tags = []language.Tag{language.English, language.MustParse("es-ES")}

type reader struct {
	lang    string
	printer *message.Printer
}

type readerKey struct{}

// readers holds one reader for each of the Languages; printers are safe to share.
var readers = sync.OnceValue(func() []reader {
	builder := catalog.NewBuilder(catalog.Fallback(language.English))
	for key, text := range spanish {
		must(builder.SetString(tags[1], key, text))
	}
	for key, forms := range plurals {
		must(builder.Set(tags[0], key, selectForm(forms.english)))
		must(builder.Set(tags[1], key, selectForm(forms.spanish)))
	}
	all := make([]reader, len(Languages))
	for i, lang := range Languages {
		all[i] = reader{lang, message.NewPrinter(tags[i], message.Catalog(builder))}
	}
	return all
})

// selectForm chooses between "one" and "other" by the first argument.
func selectForm(f forms) catalog.Message {
	return plural.Selectf(1, "%d", plural.One, f.one, plural.Other, f.other)
}

// must stops the program on a malformed catalogue, which only an edit can cause.
func must(err error) {
	if err != nil {
		panic("i18n: " + err.Error())
	}
}

// With returns a context whose reader speaks lang; an unknown one is English.
func With(ctx context.Context, lang string) context.Context {
	for _, r := range readers() {
		if r.lang == lang {
			return context.WithValue(ctx, readerKey{}, r)
		}
	}
	return context.WithValue(ctx, readerKey{}, readers()[0])
}

// Lang is the reader's language: "en" or "es".
func Lang(ctx context.Context) string { return from(ctx).lang }

// Chosen tells whether the reader's language is known; without With it is English.
func Chosen(ctx context.Context) bool { return ctx.Value(readerKey{}) != nil }

// T translates format, an English text with the verbs of fmt, and fills in args.
// Whole numbers get the reader's separators. A text that the catalogue lacks stays
// English.
func T(ctx context.Context, format string, args ...any) string {
	return from(ctx).printer.Sprintf(format, args...)
}

// Translated tells whether the catalogue has an English text.
func Translated(english string) bool {
	_, plural := plurals[english]
	return plural || spanish[english] != ""
}

// Number writes n with the reader's separators.
func Number(ctx context.Context, n int) string { return from(ctx).printer.Sprint(n) }

// Decimal writes f with the reader's separators and that many digits behind the point.
func Decimal(ctx context.Context, f float64, digits int) string {
	return from(ctx).printer.Sprintf("%."+strconv.Itoa(digits)+"f", f)
}

func from(ctx context.Context) reader {
	if r, ok := ctx.Value(readerKey{}).(reader); ok {
		return r
	}
	return readers()[0]
}

var matcher = language.NewMatcher(tags)

// Match chooses the language for an Accept-Language header; "en" when none fits.
func Match(acceptLanguage string) string {
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return Languages[0]
	}
	_, index, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return Languages[0]
	}
	return Languages[index]
}
