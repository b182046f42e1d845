package admin

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// order is how a list is sorted: by keys, all in one direction. The last key is the
// primary key, so that every row has a place of its own. Only the first key can be
// null; null is the largest value, as in PostgreSQL.
type order struct {
	keys []*column
	desc bool
}

// readOrder takes "-created_at"; what is no sortable column of the list counts as
// the default.
func (r *resource) readOrder(param string) order {
	name, desc := strings.CutPrefix(param, "-")
	for _, c := range r.list {
		if c.name == name && !c.Kind.Traits(&c.Column).Unsorted {
			return r.orderBy(c, desc)
		}
	}
	if r.dates != nil {
		return r.orderBy(r.dates, true)
	}
	return order{[]*column{r.pk}, true}
}

// orderBy sorts rows of one choice by date, as the indexes do that serve its filter too.
func (r *resource) orderBy(c *column, desc bool) order {
	switch {
	case c.name == r.pk.name:
		return order{[]*column{r.pk}, desc}
	case r.dates != nil && (c.Kind.Traits(&c.Column).Few || c.options != nil):
		return order{[]*column{c, r.dates, r.pk}, desc}
	}
	return order{[]*column{c, r.pk}, desc}
}

// param is the order as the URL spells it.
func (o order) param() string {
	if o.desc {
		return "-" + o.keys[0].name
	}
	return o.keys[0].name
}

// cursor is the place of one row in an order: the values of its keys, nil for null.
type cursor []any

// place reads a row's cursor.
func (o order) place(row any) cursor {
	place := make(cursor, len(o.keys))
	for i, key := range o.keys {
		if value := key.Value(row); !key.Nullable || !value.IsZero() {
			place[i] = reflect.Indirect(value).Interface()
		}
	}
	return place
}

// encode makes a cursor fit for a URL.
func (place cursor) encode() (string, error) {
	words := make([]*string, len(place))
	for i, value := range place {
		switch v := value.(type) {
		case nil:
		case time.Time:
			words[i] = new(v.UTC().Format(time.RFC3339Nano))
		default:
			words[i] = new(fmt.Sprint(v))
		}
	}
	text, err := json.Marshal(words)
	return base64.RawURLEncoding.EncodeToString(text), err
}

// decode reads a cursor; nil for what is none of this order.
func (o order) decode(param string) cursor {
	text, err := base64.RawURLEncoding.DecodeString(param)
	if err != nil {
		return nil
	}
	var words []*string
	if json.Unmarshal(text, &words) != nil || len(words) != len(o.keys) {
		return nil
	}
	place := make(cursor, len(words))
	for i, word := range words {
		if word == nil && o.keys[i].Nullable && i == 0 {
			continue
		}
		if word == nil {
			return nil
		}
		if place[i], err = o.keys[i].Kind.Key(*word); err != nil {
			return nil
		}
	}
	return place
}
