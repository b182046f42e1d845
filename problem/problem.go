// Package problem is the one error that a person may see. Everything else that
// goes wrong is an ordinary wrapped error, shown to nobody but the log.
package problem

import (
	"errors"
	"fmt"
	"time"
)

// Kind groups problems by what a client can do about them; the presenter in
// handlers/errors.go maps each to one HTTP status.
type Kind int

const (
	Invalid            Kind = iota // 400
	Unauthenticated                // 401
	Forbidden                      // 403
	NotFound                       // 404
	MethodNotAllowed               // 405
	Conflict                       // 409
	PreconditionFailed             // 412
	TooLarge                       // 413
	UnsupportedMedia               // 415
	HeadTooLarge                   // 431
	Throttled                      // 429
	Unavailable                    // 503
)

// Text is a sentence for people. Format is English and at the same time the key
// of its translation in views/i18n.
type Text struct {
	Format string
	Args   []any
}

// String is the sentence in English.
func (t Text) String() string {
	if len(t.Args) == 0 {
		return t.Format
	}
	return fmt.Sprintf(t.Format, t.Args...)
}

// Problem is an error whose every word may be shown. Code is the stable machine
// word of docs/contract.md section 10.
type Problem struct {
	Kind       Kind
	Code       string
	Message    Text
	Fields     Fields
	RetryAfter time.Duration // of Throttled: when a new try can succeed
}

// Fields holds what is wrong with each input field, by its JSON name.
type Fields map[string][]Text

// Error is the English message.
func (p *Problem) Error() string { return p.Message.String() }

// New makes a problem without fields.
func New(kind Kind, code, format string, args ...any) *Problem {
	return &Problem{Kind: kind, Code: code, Message: Text{format, args}}
}

// Field is invalid input in one field.
func Field(name, format string, args ...any) *Problem {
	return Fields{name: {{format, args}}}.Problem()
}

// ErrNotFound is a thing that is not there, or not the asker's to see.
func ErrNotFound() *Problem { return New(NotFound, "not_found", "Not found.") }

// As finds the problem in err's chain.
func As(err error) (*Problem, bool) {
	var p *Problem
	ok := errors.As(err, &p)
	return p, ok
}

// Add notes one more fault of a field.
func (f Fields) Add(name, format string, args ...any) {
	f[name] = append(f[name], Text{format, args})
}

// Note adds a fault, where there is one.
func (f Fields) Note(name string, fault *Text) {
	if fault != nil {
		f[name] = append(f[name], *fault)
	}
}

// Problem is the error for all faults noted. The message names the first fault of
// the only faulty field, else asks to correct the fields.
func (f Fields) Problem() *Problem {
	p := &Problem{Kind: Invalid, Code: "invalid", Fields: f, Message: Text{Format: "Please correct the fields below."}}
	if len(f) == 1 {
		for _, texts := range f {
			p.Message = texts[0]
		}
	}
	return p
}

// Err is Problem where there are faults, else nil.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f.Problem()
}

// Join adds to the faults of err's fields those of more, each field's once. What is no
// fault of a field leaves err as it is.
func Join(err, more error) error {
	p, ok := As(err)
	q, also := As(more)
	if !ok || !also || len(p.Fields) == 0 {
		return err
	}
	for name, texts := range q.Fields {
		if _, told := p.Fields[name]; !told {
			p.Fields[name] = texts
		}
	}
	return p.Fields.Problem()
}
