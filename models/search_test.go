package models_test

import (
	"strings"
	"testing"

	"digitalpath/models"
	"digitalpath/models/modelstest"
)

func TestDatabaseFoldsAsTheProgramDoes(t *testing.T) {
	db := modelstest.New(t)
	for text, folded := range map[string]string{
		"": "", "Plain ASCII 100%": "plain ascii 100%", "Ñuño MUÑOZ": "nuno munoz", "LUCÍA": "lucia", "Ang\u0301el": "angel",
		"Tiếng VIỆT": "tieng viet", "Straße ẞ": "straße ß", "Ørsted": "ørsted", "ΆΝΘΡΩΠΟΣ": "ανθρωποσ", "Ёлка": "елка",
		"İstanbul ısı": "istanbul ısı", "日本 ガ": "日本 \u30ab\u3099", "ｆｕｌｌ": "ｆｕｌｌ", "👩‍💻": "👩‍💻",
	} {
		if got := models.Fold(text); got != folded {
			t.Errorf("%q is folded to %q, want %q", text, got, folded)
		}
		var stored string
		if err := db.NewSelect().ColumnExpr("search_fold(?)", text).Scan(t.Context(), &stored); err != nil || stored != folded {
			t.Errorf("%q is folded to %q by the database, want %q: %v", text, stored, folded, err)
		}
		if again := models.Fold(strings.ToUpper(folded)); again != models.Fold(again) {
			t.Errorf("%q is folded to %q, and that to %q", folded, again, models.Fold(again))
		}
	}
}
