package admin

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
	"digitalpath/views/layout"
)

// foundRows is how many rows of each model a search through all of them shows.
const foundRows = 5

// searchAll looks for words in every model that who asks may see, as the models'
// own lists do, and shows the first rows of each.
func (s *Site) searchAll(c *fiber.Ctx) error {
	ctx := c.UserContext()
	var page adminpages.Found
	for _, r := range s.visible(ctx) {
		q := r.read(ctx, s.Now(), url.Values{"q": {c.Query("q")}})
		if q.search == "" {
			continue // nothing is looked for, or nothing of the model can be
		}
		list, err := s.list(ctx, q)
		if err != nil {
			return err
		}
		page.Search = q.search
		if len(list.Rows) > 0 {
			list.Rows = list.Rows[:min(len(list.Rows), foundRows)]
			page.Lists = append(page.Lists, list)
		}
	}
	title := i18n.T(ctx, "Search")
	frame, err := s.Frame(c, title, layout.Crumb{Label: title})
	if err != nil {
		return err
	}
	frame.Search = page.Search
	page.Frame = frame
	return render(c, "", adminpages.FoundPage(page), nil)
}
