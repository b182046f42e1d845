package admin

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"digitalpath/models"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

const (
	foundRows   = 5   // of each model
	recentRows  = 6   // that one changed last
	recentRead  = 60  // changes among which these are looked for
	beforeMatch = 30  // characters that a text is cut to before what matched
	asideLength = 120 // characters beside a name
)

// searchAll looks for words in the pages, the actions and every model that who asks may
// see, as the models' own lists do: one query for each, and nothing is counted. Without
// words it offers what one changed last. The palette asks for the results alone.
func (s *Site) searchAll(c *fiber.Ctx) error {
	ctx := c.UserContext()
	page := adminpages.Found{Search: models.Truncate(strings.TrimSpace(c.Query("q")), models.MaxSearch)}
	words := models.SearchWords(page.Search)
	if len(words) == 0 {
		recent, err := s.recent(ctx)
		if err != nil {
			return err
		}
		page.Groups = append(page.Groups, recent)
	}
	page.Groups = append(page.Groups, s.offered(ctx, words)...)
	for _, r := range s.visible(ctx) {
		group, err := s.foundIn(ctx, r, page.Search)
		if err != nil {
			return err
		}
		page.Groups = append(page.Groups, group)
	}
	page.Groups = slices.DeleteFunc(page.Groups, func(g adminpages.FoundGroup) bool { return len(g.Hits) == 0 })
	c.Vary("HX-Request")
	if c.Get("HX-Target") == layout.PaletteResults {
		return Render(c, adminpages.PaletteFound(page))
	}
	title := i18n.T(ctx, "Search")
	frame, err := s.Frame(c, title, layout.Crumb{Label: title})
	if err != nil {
		return err
	}
	frame.Search, page.Frame = page.Search, frame
	return Render(c, adminpages.FoundPage(page))
}

// foundIn are the first rows of a model with every word.
func (s *Site) foundIn(ctx context.Context, r *resource, search string) (adminpages.FoundGroup, error) {
	q := r.read(ctx, s.Now(), url.Values{"q": {search}})
	group := adminpages.FoundGroup{Title: i18n.T(ctx, r.plural), ListURL: q.self()}
	if len(q.Words) == 0 || q.err != nil {
		return group, q.err // nothing is looked for, or nothing of the model can be
	}
	rows, err := q.Newest(ctx, s.DB, foundRows)
	for _, row := range rows {
		group.Hits = append(group.Hits, r.hit(ctx, row, q.Words))
	}
	return group, err
}

// hit shows a row with what matched.
func (r *resource) hit(ctx context.Context, row any, words []string) adminpages.Hit {
	title := r.titleOf(row)
	hit := adminpages.Hit{URL: r.url(strconv.FormatInt(r.ID(row), 10)), Icon: r.icon, Title: marked(title, words)}
	for _, c := range r.Texts {
		text := strings.Join(strings.Fields(c.Text(row)), " ")
		pieces := marked(text, words)
		if text == "" || text == title || utf8.RuneCountInString(text) > asideLength && len(pieces) == 1 {
			continue // a long text is shown for what matched in it
		}
		if len(hit.Aside) > 0 {
			hit.Aside = append(hit.Aside, adminpages.Piece{Text: " · "})
		}
		hit.Aside = append(hit.Aside, pieces...)
	}
	if r.status != nil {
		badge := r.status.Cell(ctx, row).Badge
		hit.Badge = &badge
	}
	if r.Dates != nil {
		hit.At = r.Dates.Cell(ctx, row).Time
	}
	return hit
}

// marked cuts a text into pieces where words match, and off where it is long.
func marked(text string, words []string) []adminpages.Piece {
	runes, folded := []rune(text), []rune{}
	origin := []int{} // of each folded character
	for i, r := range runes {
		for _, f := range models.Fold(string(r)) {
			folded, origin = append(folded, f), append(origin, i)
		}
	}
	match, first := make([]bool, len(runes)), -1
	for _, word := range words {
		at, length := strings.Index(string(folded), models.Fold(word)), utf8.RuneCountInString(models.Fold(word))
		if at < 0 || length == 0 {
			continue
		}
		at = utf8.RuneCountInString(string(folded)[:at])
		for i := at; i < at+length; i++ {
			match[origin[i]] = true
		}
		if first < 0 || origin[at] < first {
			first = origin[at]
		}
	}
	from := 0
	var pieces []adminpages.Piece
	if first > beforeMatch && len(runes) > 2*beforeMatch {
		from = first - beforeMatch
		pieces = append(pieces, adminpages.Piece{Text: "…"})
	}
	for i := from; i < len(runes); i++ {
		if i-from >= asideLength {
			return append(pieces, adminpages.Piece{Text: "…"})
		}
		if len(pieces) == 0 || pieces[len(pieces)-1].Match != match[i] {
			pieces = append(pieces, adminpages.Piece{Match: match[i]})
		}
		pieces[len(pieces)-1].Text += string(runes[i])
	}
	return pieces
}

// offered are the pages and the actions whose names have every word; without words no
// actions, which are many. A number goes into the action that takes one.
func (s *Site) offered(ctx context.Context, words []string) []adminpages.FoundGroup {
	pages := adminpages.FoundGroup{Title: i18n.T(ctx, "Pages")}
	actions := adminpages.FoundGroup{Title: i18n.T(ctx, "Actions")}
	number, rest := 0, words
	if n := len(words); n > 1 {
		if typed, err := strconv.Atoi(words[n-1]); err == nil && typed > 0 {
			number, rest = typed, words[:n-1]
		}
	}
	add := func(group *adminpages.FoundGroup, icon, url, label, english string, words []string) {
		names := models.Fold(label + " " + english)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(names, models.Fold(w)) }) {
			group.Hits = append(group.Hits, adminpages.Hit{URL: url, Icon: icon, Title: marked(label, words)})
		}
	}
	for _, p := range s.Pages {
		if p.Label != "" && p.open(ctx) {
			add(&pages, p.Icon, p.URL, i18n.T(ctx, p.Label), p.Label, words)
		}
	}
	add(&pages, "user", "/admin/profile/", i18n.T(ctx, "Your profile"), "Your profile", words)
	for _, r := range s.visible(ctx) {
		add(&pages, r.icon, r.url(), i18n.T(ctx, r.plural), r.plural, words)
		if r.adds && r.may(ctx, models.Add) {
			add(&actions, "plus", r.url("add"), i18n.T(ctx, "Add %s", strings.ToLower(i18n.T(ctx, r.name))), "Add "+r.name, words)
		}
		for _, link := range r.links {
			if !r.may(ctx, link.verb()) || link.Get == nil {
				continue
			}
			if link.Number != nil && number > 0 {
				label := i18n.T(ctx, link.Number.Label, number)
				add(&actions, r.icon, fmt.Sprintf("%s?%s=%d", link.URL, link.Number.Param, number), label, link.Label, rest)
			} else {
				add(&actions, r.icon, link.URL, i18n.T(ctx, r.plural)+": "+i18n.T(ctx, link.Label), r.plural+" "+link.Label, words)
			}
		}
	}
	if len(words) == 0 {
		actions.Hits = nil
	}
	return []adminpages.FoundGroup{actions, pages}
}

// recent are the rows that who asks changed last, as far as they are there.
func (s *Site) recent(ctx context.Context) (adminpages.FoundGroup, error) {
	group := adminpages.FoundGroup{Title: i18n.T(ctx, "Changed by you")}
	var entries []models.HistoryEntry
	err := s.DB.NewSelect().Model(&entries).Column("at", "model", "object_id", "object_label", "action").
		Where("user_id = ?", models.ActorOf(ctx).UserID()).OrderExpr("id DESC").Limit(recentRead).Scan(ctx)
	if err != nil {
		return group, fmt.Errorf("read what was changed last: %w", err)
	}
	type object struct {
		model string
		id    int64
	}
	seen := map[object]bool{}
	for _, e := range entries {
		r := s.resource(e.Model)
		if seen[object{e.Model, e.ObjectID}] || r == nil || !r.may(ctx, models.View) {
			continue
		}
		seen[object{e.Model, e.ObjectID}] = true
		if e.Action != models.HistoryDeleted && len(group.Hits) < recentRows {
			group.Hits = append(group.Hits, adminpages.Hit{
				URL: r.url(strconv.FormatInt(e.ObjectID, 10)), Icon: r.icon, Title: []adminpages.Piece{{Text: e.ObjectLabel}},
				Aside: []adminpages.Piece{{Text: i18n.T(ctx, r.name)}}, At: e.At,
			})
		}
	}
	return group, nil
}
