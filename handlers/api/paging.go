package api

import (
	"fmt"
	"math"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"digitalpath/problem"
)

// pageCap is how many rows a page holds at most.
const pageCap = 100

// number is an integer in a path or a query. One that is malformed or too large is
// -1, which nothing has as its id: such an address is not found.
type number struct {
	value int64
	given bool
}

// UnmarshalText is how huma fills in a parameter.
func (n *number) UnmarshalText(text []byte) error {
	value, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || strconv.FormatInt(value, 10) != string(text) {
		value = -1
	}
	*n = number{value, true}
	return nil
}

// Schema is how OpenAPI shows it.
func (number) Schema(huma.Registry) *huma.Schema {
	least := 1.0
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &least}
}

// Paging is the part of a list's query that asks for pages.
type Paging struct {
	Page     number `query:"page" doc:"From 1. With page or page_size the answer is an object with count, next, previous and results." example:"1"`
	PageSize number `query:"page_size" doc:"At most 100, which is the default." example:"100"`

	here url.URL
	base string // BackendURL
}

// Resolve keeps the address, for the links to other pages.
func (p *Paging) Resolve(ctx huma.Context) []error {
	p.here, p.base = ctx.URL(), BackendURL(ctx.Context())
	return nil
}

func (p *Paging) asked() bool { return p.Page.given || p.PageSize.given }

// link is the address of another page.
func (p *Paging) link(page, size int) *string {
	query := p.here.Query()
	query.Set("page", strconv.Itoa(page))
	query.Set("page_size", strconv.Itoa(size))
	link := p.base + p.here.EscapedPath() + "?" + query.Encode()
	return &link
}

// page is one page of a list.
type page[T any] struct {
	Count    int     `json:"count" minimum:"0" example:"101" doc:"Of all pages."`
	Next     *string `json:"next" format:"uri" example:"https://api.example.com/api/projects/?page=3&page_size=20"`
	Previous *string `json:"previous" format:"uri" example:"https://api.example.com/api/projects/?page=1&page_size=20"`
	Results  []T     `json:"results"`
}

// listOutput is a list: a bare array, or one page where pages were asked for.
type listOutput struct {
	ETag string `header:"ETag" hidden:"true"`
	Link string `header:"Link" doc:"Where a list without pages ends at its cap: the page that follows." example:"<https://api.example.com/api/projects/?page=11&page_size=100>; rel=\"next\""`
	Body any
}

// listResponses says that a list is an array of T or a page of them.
func listResponses[T any](humaAPI huma.API) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {
		Schema: &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeArray, Items: schemaOf[T](humaAPI)}, schemaOf[page[T]](humaAPI)}},
	}}}}
}

// readPage reads which page is asked for; what can be none is as missing as one
// behind the last.
func readPage(page, pageSize number) (index, size int, err error) {
	index, size = 1, pageCap
	if page.given {
		index = int(page.value)
	}
	if pageSize.given {
		size = int(min(pageSize.value, pageCap))
	}
	if index < 1 || index > math.MaxInt32 {
		return 0, 0, problem.ErrNotFound()
	}
	if size < 1 {
		return 0, 0, problem.Field("page_size", "Enter a number from 1 to %d.", pageCap)
	}
	return index, size, nil
}

// pageOf draws the rows of page number index.
func pageOf[T any](p *Paging, rows []T, index, size, count int) page[T] {
	one := page[T]{Count: count, Results: rows}
	if index*size < count {
		one.Next = p.link(index+1, size)
	}
	if index > 1 {
		one.Previous = p.link(index-1, size)
	}
	return one
}

// behind is the Link header of a list without pages that ends at its cap: the page,
// of that size, on which it goes on.
func (p *Paging) behind(rows, size int) string {
	return fmt.Sprintf(`<%s>; rel="next"`, *p.link(rows/size+1, size))
}
