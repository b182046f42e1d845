// Package admin is the back-office engine, after Django's ModelAdmin: a model is
// declared, never coded. A declaration (Model) names columns and hooks; Site.Check
// holds it against bun's table before anything is served; the list, its filters,
// search and pages, the detail page, actions and deletion follow from it.
//
// Queries and forms come in as valid UTF-8 without NUL; whoever mounts the routes sees
// to that.
//
// Everything that a list shows is in its URL, and no page costs more on a table of
// a million rows than on one of a thousand: counts stop at countCap, paging goes
// from row to row by cursor, and choices are counted on at most countCap rows.
package admin
