package admin

import "github.com/a-h/templ"

// Rejected is returned by a handler whose form was filled in wrongly: the presenter
// answers with the page, which holds what was typed and what is wrong with it, and
// with the status of Err.
type Rejected struct {
	Err  error
	Page templ.Component
}

func (r *Rejected) Error() string { return r.Err.Error() }

// Unwrap lets errors.As find the problem inside.
func (r *Rejected) Unwrap() error { return r.Err }
