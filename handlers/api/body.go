package api

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"digitalpath/models"
	"digitalpath/problem"
)

// Head is a request of which the body is still to come: its operation is not begun, and
// no limit counts it.
type Head struct{ Taken bool } // it is refused for nothing that stands in it

type headKey struct{}

// WithHead puts a Head into a request's context.
func WithHead(ctx context.Context, head *Head) context.Context {
	return context.WithValue(ctx, headKey{}, head)
}

// HeadOf is the Head of a request's context, or nil.
func HeadOf(ctx context.Context) *Head {
	head, _ := ctx.Value(headKey{}).(*Head)
	return head
}

func stopBehindHead(ctx huma.Context, next func(huma.Context)) {
	if head := HeadOf(ctx.Context()); head != nil {
		head.Taken = true
		return
	}
	next(ctx)
}

// request is the input of an operation with a JSON body. The body is decoded here, not
// by huma: what is wrong with it must name the field.
type request[B any] struct {
	IP      string `json:"-"`
	RawBody []byte `contentType:"application/json"`
	Sent    B      `json:"-"`
}

// checker is a body that knows what else is wrong with it than the types of its values.
type checker interface{ check() error }

// Resolve decodes the body before the operation begins. With a value of a wrong type it
// does not begin, so that what it would find is looked for here: all faults are told at
// once.
func (r *request[B]) Resolve(ctx huma.Context) []error {
	r.IP = models.ActorOf(ctx.Context()).IP
	if len(bytes.TrimSpace(r.RawBody)) == 0 && !ctx.Operation().RequestBody.Required {
		return nil
	}
	err := decodeInto(r.RawBody, &r.Sent)
	if err == nil {
		return nil
	}
	if body, ok := any(&r.Sent).(checker); ok {
		err = problem.Join(err, body.check())
	}
	return []error{err}
}

// decodeInto reads the JSON object of a body into what a pointer points to.
func decodeInto(body []byte, into any) error {
	d := decoding{"", problem.Fields{}}
	if err := d.object(body, into); err != nil {
		return err
	}
	return d.faults.Err()
}

// decoding notes the values of a wrong type, and reads on.
type decoding struct {
	prefix string // of the names of the faults
	faults problem.Fields
}

// inside is for what an object or a list holds under a key or at a place.
func (d decoding) inside(key string) decoding { return decoding{d.prefix + key + ".", d.faults} }

// object reads the JSON object of a body into what a pointer points to; what the body
// leaves out, or sends as null, stays as it is there. Keys are matched exactly.
func (d decoding) object(body []byte, into any) error {
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) == 0 || start[0] != '{' || d.read(body, into) != nil {
		return errMalformed()
	}
	return nil
}

func errMalformed() error {
	return problem.New(problem.Invalid, "malformed", "The request body is not valid JSON.")
}

// read fails only where the text is no JSON.
func (d decoding) read(text []byte, into any) error {
	return json.Unmarshal(text, into, json.WithUnmarshalers(json.UnmarshalFromFunc(d.value)), jsontext.AllowDuplicateNames(true))
}

// kinds are the words for what stands where something else should.
var kinds = map[jsontext.Kind]string{
	'n': "null", 'f': "true or false", 't': "true or false", '"': "a text", '0': "a number", '{': "an object", '[': "a list",
}

var errWrongType = errors.New("wrong type")

// value decodes a scalar, and what decodes itself. Into an object or a list the library
// goes by itself, and comes here with what it finds.
func (d decoding) value(dec *jsontext.Decoder, into any) error {
	kind, target := dec.PeekKind(), reflect.ValueOf(into).Elem()
	itself, decodesItself := into.(json.Unmarshaler)
	container := map[reflect.Kind]jsontext.Kind{reflect.Struct: '{', reflect.Slice: '['}[target.Kind()]
	parent, _ := dec.StackIndex(dec.StackDepth())
	switch {
	case decodesItself:
	case kind == 'n' && parent == '{':
		return dec.SkipValue()
	case target.Kind() == reflect.Pointer, container == kind:
		return json.SkipFunc
	}
	text, err := dec.ReadValue()
	if err != nil {
		return err
	}
	switch {
	case decodesItself:
		err = itself.UnmarshalJSON(text)
	case container == 0 && kind != 'n':
		if whole, ok := bytes.CutSuffix(text, []byte(".0")); ok && target.CanInt() {
			text = whole // to JSON Schema, and to some clients, 1.0 is an integer
		}
		err = json.Unmarshal(text, into)
	default:
		err = errWrongType
	}
	if _, ok := problem.As(err); ok {
		return err // from further inside
	}
	name := d.prefix + strings.ReplaceAll(strings.TrimPrefix(string(dec.StackPointer()), "/"), "/", ".")
	name = strings.TrimSuffix(name, ".") // of what the prefix names itself
	switch {
	case err != nil && kind == '0' && target.CanInt():
		d.faults.Add(name, "Enter a whole number.")
	case err != nil:
		d.faults.Add(name, "Enter a valid value, not %s.", kinds[kind])
	case target.Kind() == reflect.String && strings.IndexByte(target.String(), 0) >= 0:
		return errMalformed() // no database column takes it
	}
	return nil
}
