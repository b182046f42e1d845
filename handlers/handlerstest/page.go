package handlerstest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Page is a page of HTML, or a part of one, asked by what it means.
type Page struct {
	Status int
	Answer Answer // as it came; a part has none

	doc *goquery.Selection
}

// Row is the first table row that shows the text.
func (p *Page) Row(text string) *Page { return p.Part("tr", text) }

// Part is the first match of the CSS selector that shows the text.
func (p *Page) Part(selector, text string) *Page {
	return &Page{Status: p.Status, doc: p.doc.Find(selector).FilterFunction(func(_ int, part *goquery.Selection) bool {
		return strings.Contains(part.Text(), text)
	}).First()}
}

// Has tells whether something matches the CSS selector.
func (p *Page) Has(selector string) bool { return p.doc.Find(selector).Length() > 0 }

// Text is what the page says, markup left out.
func (p *Page) Text() string { return p.doc.Text() }

// Attribute is the value of an attribute of what first matches the selector, "" where
// nothing does.
func (p *Page) Attribute(selector, name string) string {
	return p.doc.Find(selector).First().AttrOr(name, "")
}

// Links are the addresses that the matches of the CSS selector lead to, each once.
func (p *Page) Links(selector string) []string {
	links := p.doc.Find(selector).Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
	slices.Sort(links)
	return slices.Compact(links)
}

// Form is what a browser would send of a form as it stands.
func (p *Page) Form(selector string) url.Values { return sent(p.doc.Find(selector)) }

func sent(part *goquery.Selection) url.Values {
	form := url.Values{}
	part.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		_, checked := s.Attr("checked")
		switch {
		case s.Closest("template").Length() > 0, s.AttrOr("type", "") == "checkbox" && !checked:
		case goquery.NodeName(s) == "textarea":
			form.Add(name, s.Text())
		case goquery.NodeName(s) == "select":
			form.Add(name, s.Find("option[selected]").AttrOr("value", ""))
		default:
			form.Add(name, s.AttrOr("value", ""))
		}
	})
	return form
}

// Press is one press of a button: where its form is posted to, and what it sends.
type Press struct {
	Path string
	Form url.Values
}

// Presses are those of the buttons within selector whose forms are posted.
func (p *Page) Presses(selector string) (all []Press) {
	p.doc.Find(selector).Find("button:not([type=button])").Each(func(_ int, button *goquery.Selection) {
		form := button.Closest("form")
		if id := button.AttrOr("form", ""); id != "" {
			form = p.doc.Find("form[id='" + id + "']")
		}
		if form.AttrOr("method", "") != "post" {
			return
		}
		press := Press{form.AttrOr("action", ""), sent(form)}
		if name := button.AttrOr("name", ""); name != "" {
			press.Form.Add(name, button.AttrOr("value", ""))
		}
		all = append(all, press)
	})
	return all
}

// CookieHeader is Cookies as a request made by hand carries them.
func (s *Staff) CookieHeader() string {
	var pairs []string
	for _, cookie := range s.Cookies() {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}
