// Package records keeps rows: it is the one place that adds, changes and deletes them,
// for the API and the back office alike, with history and trash. A model with rules of
// its own gives them as Hooks from its service.
package records
