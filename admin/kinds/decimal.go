package kinds

import (
	"context"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"digitalpath/admin/sheets"
	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/ui"
)

// Decimal is a number with decimals: a float, or a text of the SQL type numeric,
// which is exact.
type Decimal struct{ Text }

var (
	plain   = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	numeric = regexp.MustCompile(`\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)`)
)

func (Decimal) Claims(c *Column) bool {
	return reflect.Zero(c.Field.IndirectType).CanFloat() || Text{}.Claims(c) && c.isA("numeric", "decimal")
}

func (Decimal) Traits(*Column) Traits {
	return Traits{Needs: true, Narrow: true, Range: "number", Sheet: sheets.Number}
}

// places are how many digits numeric(whole+decimals, decimals) has; -1: any number.
func places(c *Column) (whole, decimals int) {
	parts := numeric.FindStringSubmatch(c.Field.UserSQLType)
	if parts == nil {
		return -1, -1
	}
	precision, _ := strconv.Atoi(parts[1]) // of digits
	decimals, _ = strconv.Atoi(parts[2])   // of digits, or nothing: 0
	return precision - decimals, decimals
}

// MaxDigits is how many digits of a number SQLite keeps.
const MaxDigits = 15

// Digits are those that an exact number may have, before and behind the point; 0: any, or
// it is none.
func Digits(c *Column) int {
	if whole, decimals := places(c); c.Kind == (Decimal{}) && c.Field.IndirectType.Kind() == reflect.String && whole >= 0 {
		return whole + decimals
	}
	return 0
}

func (Decimal) Texts(c *Column, value reflect.Value) []string {
	_, decimals := places(c)
	if value.CanFloat() {
		return []string{strconv.FormatFloat(value.Float(), 'f', decimals, value.Type().Bits())}
	}
	text := value.String()
	if text == "" {
		return nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && !plain.MatchString(text) {
		text = strconv.FormatFloat(f, 'f', decimals, 64) // as SQLite spells large numbers
	}
	if _, fraction, _ := strings.Cut(text, "."); len(fraction) < decimals {
		if fraction == "" {
			text += "."
		}
		text += strings.Repeat("0", decimals-len(fraction))
	}
	return []string{text}
}

func (Decimal) Set(c *Column, value reflect.Value, texts []string) *problem.Text {
	text := strings.TrimSpace(typed(texts))
	if !plain.MatchString(text) {
		return &problem.Text{Format: "Enter a number, such as 12.50."}
	}
	whole, decimals := places(c)
	before, after, _ := strings.Cut(strings.TrimLeft(strings.TrimPrefix(text, "-"), "0"), ".")
	switch {
	case decimals >= 0 && len(strings.TrimRight(after, "0")) > decimals:
		return &problem.Text{Format: "Decimals: at most %d.", Args: []any{decimals}}
	case whole >= 0 && len(before) > whole:
		return &problem.Text{Format: "Digits before the point: at most %d.", Args: []any{whole}}
	}
	if !value.CanFloat() {
		value.SetString(text)
		return nil
	}
	f, err := strconv.ParseFloat(text, value.Type().Bits())
	if err != nil {
		return &problem.Text{Format: "Enter a number, such as 12.50."}
	}
	value.SetFloat(f)
	return nil
}

func (Decimal) Words(ctx context.Context, _ *Column, _ Page, text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	_, fraction, _ := strings.Cut(text, ".")
	return i18n.Decimal(ctx, f, len(fraction))
}

func (Decimal) Cell(ctx context.Context, c *Column, value reflect.Value) adminpages.Cell {
	text := strings.Join(Decimal{}.Texts(c, value), "")
	return adminpages.Cell{Kind: adminpages.CellNumber, Text: Decimal{}.Words(ctx, c, Page{}, text)}
}

func (Decimal) Control(ctx context.Context, c *Column, page Page, field *ui.Field) {
	Integer{}.Control(ctx, c, page, field)
	field.Step = "any"
	if _, decimals := places(c); decimals > 0 {
		field.Step = "0." + strings.Repeat("0", decimals-1) + "1"
	}
}

func (Decimal) Filter(ctx context.Context, c *Column, _ time.Time, _ []models.Choice) []Option {
	return append(zeroOrNot(ctx, c), optional(ctx, c)...)
}

func (Decimal) Range(ctx context.Context, c *Column, _ time.Time, b Bounds) (Option, bool) {
	var conditions []string
	o := Option{Label: between(ctx, b.From, b.To, Decimal{}.Words(ctx, c, Page{}, b.From), Decimal{}.Words(ctx, c, Page{}, b.To))}
	for i, text := range [2]string{b.From, b.To} {
		number, err := strconv.ParseFloat(text, 64)
		if text != "" && (err != nil || !plain.MatchString(text)) || b.Older != "" {
			return o, false
		}
		if text != "" {
			conditions, o.Args = append(conditions, c.SQL+[2]string{" >= ?", " <= ?"}[i]), append(o.Args, number)
		}
	}
	o.Where = strings.Join(conditions, " AND ")
	return o, true
}

func (Decimal) Export(c *Column, value reflect.Value) string {
	return strings.Join(Decimal{}.Texts(c, value), "")
}

// Import takes 1234.5, 1,234.50, 1.234,50, 1234,5 and € 12.50 alike. What could be two
// numbers stays as it is, and is refused.
func (Decimal) Import(cell string) []string { return []string{number(cell)} }

// groups are the digits of a number by thousands, with a fraction behind another sign.
var groups = regexp.MustCompile(`^(-?)(\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+|\d+)(?:([.,])(\d+))?$`)

func number(cell string) string {
	text := strings.Trim(cell, " \u00a0€$£%")
	parts := groups.FindStringSubmatch(text)
	if parts == nil || plain.MatchString(text) {
		return text
	}
	whole, sign, fraction := parts[2], parts[3], parts[4]
	grouped := strings.ContainsAny(whole, ".,")
	if grouped && (sign == "" || strings.Contains(whole, sign)) || !grouped && len(fraction) == 3 {
		return text // 1,234 is a thousand to some and one and a bit to others
	}
	return parts[1] + strings.NewReplacer(",", "", ".", "").Replace(whole) + "." + fraction
}

func (Decimal) Key(word string) (any, error) { return strconv.ParseFloat(word, 64) }
