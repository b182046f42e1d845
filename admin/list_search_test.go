package admin_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"digitalpath/models"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	rows := []models.ContactMessage{
		{Name: "Lucía Fernández", Email: "lucia@clinicavida.es", Message: "¿Trabajáis con HL7?"},
		{Name: "Percy", Email: "percy@example.com", Message: `We save 100% of under_score and C:\temp "quoted"`},
		{Name: "Ada", Email: "ada@example.com", Message: "We save 1000 underXscore O'Brien NOT"},
		{Name: "Grace", Email: "grace@example.com", Message: "Clinics in Sydney"},
		{Name: "Ñuño Muñoz", Email: "nm@example.com", Message: "Au revoir, a\u0300 bientôt, Άνθρωπος"},
	}
	for name, c := range map[string]struct{ q, want string }{
		"a word is found in any column":             {"clinic", "Grace, Lucía Fernández"},
		"case does not count":                       {"SYDNEY", "Grace"},
		"case does not count beyond ASCII":          {"LUCÍA", "Lucía Fernández"},
		"accents do not count":                      {"MUNOZ", "Ñuño Muñoz"},
		"accents that are typed do not either":      {"gràce", "Grace"},
		"nor in words of two letters":               {"ñu", "Ñuño Muñoz"},
		"nor where they are letters of their own":   {"à bientot", "Ñuño Muñoz"},
		"nor in other alphabets":                    {"ανθρωπος", "Ñuño Muñoz"},
		"every word must match":                     {"save percy", "Percy"},
		"words may match in different columns":      {"grace sydney clinics", "Grace"},
		"a word that matches nothing empties":       {"save nowhere", ""},
		"two letters are a word":                    {"hl", "Lucía Fernández"},
		"short and long words combine":              {"we ada", "Ada"},
		"a percent sign stands for itself":          {"100%", "Percy"},
		"a lone percent sign too":                   {"%", "Percy"},
		"an underscore stands for itself":           {"under_score", "Percy"},
		"a lone underscore too":                     {"_", "Percy"},
		"a backslash stands for itself":             {`C:\temp`, "Percy"},
		"quotes stand for themselves":               {`"quoted"`, "Percy"},
		"an apostrophe stands for itself":           {"O'Brien", "Ada"},
		"operators of full text search are words":   {"NOT save", "Ada"},
		"a star stands for itself":                  {"sydn*", ""},
		"blanks alone search nothing":               {"   ", "Ñuño Muñoz, Grace, Ada, Percy, Lucía Fernández"},
		"a question mark is no placeholder":         {"HL7?", "Lucía Fernández"},
		"far too many words and letters do no harm": {strings.Repeat("sydney ", 500), "Grace"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newSite(t, slices.Clone(rows)...)
			if got := strings.Join(d.list("q="+url.QueryEscape(c.q)).names(), ", "); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestSearchInALargeTable(t *testing.T) {
	t.Parallel()
	d := newSite(t)
	rows := many(5300, func(i int, m *models.ContactMessage) {
		m.Message = "común"
		if i < 3000 {
			m.Message = "común, old"
		}
		if i%20 == 0 {
			m.Message += ", odd"
		}
		if i%1000 == 0 {
			m.Message, m.Status = "Común and rare", models.ContactFailed
		}
	})
	for batch := range slices.Chunk(rows, 500) {
		d.add(batch...)
	}
	odd := "259"
	if models.IsPostgres(d.db) {
		odd = "200+"
	}
	for _, c := range []struct {
		query, total string
		first        string
		rows         int
	}{
		{"q=comun", "200+", "Person 5299", 50},
		{"q=comun&page=3", "200+", "Person 5199", 50},
		{"q=COM%C3%9AN", "200+", "Person 5299", 50},
		{"q=%C3%9AN", "200+", "Person 5299", 50},
		{"q=co", "200+", "Person 5299", 50},
		{"q=rare", "6", "Person 5000", 6},
		{"q=comun+rare", "6", "Person 5000", 6},
		{"q=comun&status=failed", "6", "Person 5000", 6},
		{"q=co&status=failed", "2", "Person 5000", 2}, // of the newest 2,000
		{"q=comun&o=created_at", "200+", "Person 000", 50},
		{"q=old", "200+", "Person 2999", 50}, // which none of the newest says
		{"q=old&o=name", "200+", "Person 001", 50},
		{"q=odd", odd, "Person 5280", 50}, // a few of them
		{"q=comun&status=pending", "0", "", 0},
	} {
		p := d.list(c.query)
		if p.total() != c.total || len(p.names()) != c.rows || c.rows > 0 && p.names()[0] != c.first {
			t.Errorf("%s: total %s, %d rows, first %v", c.query, p.total(), len(p.names()), p.names()[:min(1, len(p.names()))])
		}
	}
	const bounded = "in the newest 2,000 rows alone"
	if !strings.Contains(d.list("q=co").body, bounded) || strings.Contains(d.list("q=comun").body, bounded) {
		t.Error("the list does not say of a short word, or says of a long one, that it is not looked for everywhere")
	}
	if p := d.get(d.list("q=comun").link("Last")); len(p.ids()) != 50 || p.ids()[49] != "1" {
		t.Errorf("the last page of a common word ends with %v", p.ids())
	}
	d.answer(d.post("/admin/contact-messages/", url.Values{"action": {"spam"}, "all": {"1"}, "q": {"COMUN"}}))
	if d.spam() != 5300 {
		t.Errorf("the action on all reached %d of 5300", d.spam())
	}
}
