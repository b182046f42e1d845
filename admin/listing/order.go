package listing

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"digitalpath/admin/kinds"
)

// Order is how a list is sorted: by keys, all in one direction. The last key is the
// primary key, so that every row has a place of its own. Only the first key can be
// null; null is the largest value, as in PostgreSQL.
type Order struct {
	Keys []*kinds.Column
	Desc bool
}

// Param is the order as the URL spells it.
func (o Order) Param() string {
	if o.Desc {
		return "-" + o.Keys[0].Field.Name
	}
	return o.Keys[0].Field.Name
}

// Cursor is the place of one row in an order: the values of its keys, nil for null.
type Cursor []any

// Place reads a row's cursor.
func (o Order) Place(row any) Cursor {
	place := make(Cursor, len(o.Keys))
	for i, key := range o.Keys {
		if value, ok := key.Stored(row); ok || !key.Nullable {
			place[i] = value.Interface()
		}
	}
	return place
}

// Encode makes a cursor fit for a URL.
func (place Cursor) Encode() (string, error) {
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

// Decode reads a cursor; nil for what is none of this order.
func (o Order) Decode(param string) Cursor {
	text, err := base64.RawURLEncoding.DecodeString(param)
	if err != nil {
		return nil
	}
	var words []*string
	if json.Unmarshal(text, &words) != nil || len(words) != len(o.Keys) {
		return nil
	}
	place := make(Cursor, len(words))
	for i, word := range words {
		if word == nil && o.Keys[i].Nullable && i == 0 {
			continue
		}
		if word == nil {
			return nil
		}
		if place[i], err = o.Keys[i].Kind.Key(*word); err != nil {
			return nil
		}
	}
	return place
}
