package kinds_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun/dialect/sqlitedialect"

	"digitalpath/admin/kinds"
	"digitalpath/models"
	"digitalpath/views/i18n"
)

type size int

func (size) Choices() []models.Choice { return []models.Choice{{Value: "1", Label: "Active"}} }

// row has a column of every kind whose values go out of the program and come back.
type row struct {
	Text    string            `bun:"text"`
	Maybe   *string           `bun:"maybe"`
	Long    string            `bun:"long,type:text"`
	Whole   int16             `bun:"whole"`
	Money   string            `bun:"money,type:numeric(9,2)"`
	Float   *float64          `bun:"float"`
	Yes     bool              `bun:"yes"`
	Unknown *bool             `bun:"unknown"`
	Day     time.Time         `bun:"day,type:date,nullzero"`
	At      time.Time         `bun:"at"`
	Size    size              `bun:"size"`
	Lines   []string          `bun:"lines,type:jsonb"`
	Ids     []int64           `bun:"ids,type:jsonb"`
	Owner   *int64            `bun:"owner"`
	Raw     json.RawMessage   `bun:"raw,type:jsonb"`
	Map     map[string]string `bun:"map,type:jsonb"`
}

// column is a column of row, as a declaration that says nothing of it resolves it.
func column(t *testing.T, name string) *kinds.Column {
	t.Helper()
	c := &kinds.Column{Field: sqlitedialect.New().Tables().Get(reflect.TypeFor[*row]()).FieldMap[name]}
	if name == "owner" {
		c.Ref = "users"
	}
	if !c.Claim() {
		t.Fatalf("nothing claims %s", name)
	}
	return c
}

func TestWhatIsExportedIsImportedAsItWas(t *testing.T) {
	filled := &row{
		Text: "=1+1", Maybe: new("it's"), Long: "One\nTwo", Whole: -7, Money: "1234.50", Float: new(0.1), Yes: true, Unknown: new(false),
		Day: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), At: time.Date(2026, 11, 20, 10, 30, 15, 0, time.UTC), Size: 1,
		Lines: []string{"-a", "b"}, Ids: []int64{1, 2}, Owner: new(int64(5)), Raw: json.RawMessage(`{"a":1}`), Map: map[string]string{"k": "v"},
	}
	empty := &row{Money: "0.00", At: filled.At, Size: 1, Lines: []string{}, Ids: []int64{}}
	quoted := &row{Text: "'=1+1", Maybe: new("''-2"), Long: "'tis;=1+1;'@a; -2;", Money: "0.00", At: filled.At, Size: 1, Lines: []string{}, Ids: []int64{}}
	for _, stored := range []*row{filled, empty, quoted} {
		read := &row{}
		for i := range reflect.TypeFor[row]().NumField() {
			name, _, _ := strings.Cut(reflect.TypeFor[row]().Field(i).Tag.Get("bun"), ",")
			c := column(t, name)
			if fault := c.Import(read, c.Export(stored)); fault != nil {
				t.Errorf("%s: %q is refused: %s", name, c.Export(stored), fault.Format)
			}
		}
		if !reflect.DeepEqual(read, stored) {
			t.Errorf("read %+v, stored %+v", read, stored)
		}
	}
}

// An Excel whose decimals have a comma ends a cell at a semicolon.
func TestExportHoldsNoFormulaForAnyExcel(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "a;=1+1": "a;'=1+1", "=1;+2;'-3": "'=1;'+2;''-3", "a; b;c": "a; b;c", "1-2": "1-2", ";;@x": ";;'@x",
	} {
		if got := column(t, "text").Export(&row{Text: text}); got != want {
			t.Errorf("%q is exported as %q, want %q", text, got, want)
		}
	}
}

func TestDecimalsAreSpelledAsTheirColumnHoldsThem(t *testing.T) {
	c := column(t, "money")
	for stored, want := range map[string]string{"12.5": "12.50", "12": "12.00", "1.5E+06": "1500000.00", "-0.25": "-0.25", "": ""} {
		if got := c.Text(&row{Money: stored}); got != want {
			t.Errorf("%q is spelled %q, want %q", stored, got, want)
		}
	}
	for typed, want := range map[string]string{"1,5": "Enter a number, such as 12.50.", "NaN": "Enter a number, such as 12.50.", "0.125": "Decimals: at most %d.", "0.1200": "", "00000001.5": "", "12345678": "Digits before the point: at most %d."} {
		fault := c.Set(&row{}, []string{typed})
		if (fault == nil) != (want == "") || fault != nil && fault.Format != want {
			t.Errorf("%q: %v, want %q", typed, fault, want)
		}
	}
}

func TestWordsAreInTheReadersLanguage(t *testing.T) {
	spanish := i18n.With(context.Background(), "es")
	for name, texts := range map[string][2]string{
		"money": {"1284567.50", "1.284.567,50"}, "day": {"2026-01-20", "20 ene 2026"}, "yes": {"", "No"}, "unknown": {"", ""},
		"at": {"2026-01-20T10:30", "20 ene 2026, 10:30 UTC"}, "size": {"1", "Activo"}, "lines": {"a\r\nb\r\n", "a, b"}, "ids": {"2\n1", "1, 2"}, "map": {"{\n}", "{}"},
	} {
		c := column(t, name)
		if got := c.Kind.Words(spanish, c, kinds.Page{}, texts[0]); got != texts[1] {
			t.Errorf("%s: %q reads %q, want %q", name, texts[0], got, texts[1])
		}
	}
	c := column(t, "size")
	if got := c.Kind.Words(spanish, c, kinds.Page{}, "Active"); got != "Activo" {
		t.Errorf("a label that history kept reads %q", got)
	}
}

func TestRefusedValueLeavesTheRowAsItWas(t *testing.T) {
	number := new(1.5)
	r := &row{Float: number, Whole: 3}
	for _, name := range []string{"float", "whole"} {
		if column(t, name).Set(r, []string{"many"}) == nil {
			t.Errorf("%s takes a word", name)
		}
	}
	if r.Float != number || *number != 1.5 || r.Whole != 3 {
		t.Errorf("the row is %+v", r)
	}
	if fault := column(t, "float").Set(r, []string{"2"}); fault != nil || *number != 1.5 || *r.Float != 2 {
		t.Errorf("a copy of the row that shares the pointer was changed: %v %v", fault, *number)
	}
	if column(t, "whole").Set(r, []string{"40000"}) == nil {
		t.Error("a number beyond the column's type is taken")
	}
}
