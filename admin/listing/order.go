package listing

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"digitalpath/admin/kinds"
)

// Key is a column that a list is sorted by.
type Key struct {
	*kinds.Column
	Desc bool
}

func (k Key) direction(reverse bool) string {
	return map[bool]string{false: " ASC", true: " DESC"}[k.Desc != reverse]
}

// Order is how a list is sorted. Its last key is the primary key, so that every row has
// a place of its own; null is the largest value, as in PostgreSQL.
type Order struct {
	Keys  []Key
	Named int // how many of them, from the first on, somebody asked for
	// Indexed orders are those that an index holds, all keys in one direction and only
	// the first one maybe null: a page costs the same on any table. For others all rows
	// are collected and sorted.
	Indexed bool
	// Led orders are not, but an index holds their first key, which is never null and has
	// many values: it is walked, and rows are sorted that share one.
	Led bool
}

// OwnOrder is the list's order where no other is asked for: where a filter leaves a span of
// some time, by that time, as no index holds a span of one time in the order of another.
func (s *State) OwnOrder() Order {
	i := slices.IndexFunc(s.Picks, Pick.spansTime)
	if s.Drill.Year > 0 || i < 0 || s.Picks[i].Column == s.Of.Dates || !s.Of.indexed(s.Picks[i].Column) {
		return s.Of.OrderBy()
	}
	return s.Of.OrderBy(Key{s.Picks[i].Column, true})
}

// Param is the order as the URL spells it.
func (o Order) Param() string {
	var words []string
	for _, key := range o.Keys[:o.Named] {
		if key.Desc {
			words = append(words, "-"+key.Field.Name)
		} else {
			words = append(words, key.Field.Name)
		}
	}
	return strings.Join(words, ",")
}

// By is where a column stands among the keys that somebody asked for, from 1; 0 where it
// does not.
func (o Order) By(c *kinds.Column) (rank int, desc bool) {
	for i, key := range o.Keys[:o.Named] {
		if key.Field == c.Field {
			return i + 1, key.Desc
		}
	}
	return 0, false
}

// terms sorts by the keys that a query selects as k0, k1 and so on.
func (o Order) terms(reverse bool) string {
	var terms []string
	for i, key := range o.Keys {
		direction := key.direction(reverse)
		if key.Nullable && !o.Indexed {
			terms = append(terms, fmt.Sprintf("k%d IS NULL%s", i, direction))
		}
		terms = append(terms, fmt.Sprintf("k%d%s", i, direction))
	}
	return strings.Join(terms, ", ")
}

// stretch is a part of the order within which keys compare without nulls.
type stretch struct {
	rank  int
	where []Cond
	nulls bool // of the first key
}

// stretches are the parts of the order from a place on; nil is its beginning.
func (o Order) stretches(place Cursor, reverse bool) []stretch {
	switch key := o.Keys[0]; {
	case o.Led && place != nil: // the index leads to where the place can be
		operator := map[bool]string{false: " >= ?", true: " <= ?"}[key.Desc != reverse]
		return []stretch{{where: []Cond{Where(key.SQL+operator, place[0]), o.beyond(place, reverse)}}}
	case !o.Indexed && place != nil:
		return []stretch{{where: []Cond{o.beyond(place, reverse)}}}
	case !o.Indexed || place == nil && !key.Nullable:
		return []stretch{{}}
	case !key.Nullable:
		return []stretch{{where: []Cond{o.seek(0, place, reverse)}}}
	}
	key, desc := o.Keys[0], o.Keys[0].Desc != reverse
	values := stretch{rank: 1, where: []Cond{Where(key.SQL + " IS NOT NULL")}}
	nulls := stretch{rank: 2, where: []Cond{Where(key.SQL + " IS NULL")}, nulls: true}
	if desc {
		nulls.rank = 0
	}
	switch {
	case place == nil:
	case place[0] == nil:
		nulls.where = append(nulls.where, o.seek(1, place, reverse))
		if !desc {
			return []stretch{nulls}
		}
	default:
		values.where = append(values.where, o.seek(0, place, reverse))
		if desc {
			return []stretch{values}
		}
	}
	if desc {
		return []stretch{nulls, values}
	}
	return []stretch{values, nulls}
}

// seek is the condition that the keys of an indexed order, from the given one on, lie
// beyond a place.
func (o Order) seek(from int, place Cursor, reverse bool) Cond {
	var names, marks []string
	for _, key := range o.Keys[from:] {
		names = append(names, key.SQL)
		marks = append(marks, "?")
	}
	operator := " > "
	if o.Keys[0].Desc != reverse {
		operator = " < "
	}
	return Where("("+strings.Join(names, ", ")+")"+operator+"("+strings.Join(marks, ", ")+")", place[from:]...)
}

// beyond is the condition that a row lies beyond a place in any order: by its first key,
// or by the second where the first is the same, and so on.
func (o Order) beyond(place Cursor, reverse bool) Cond {
	var ways []string
	var all Cond
	var same []Cond
	for i, key := range o.Keys {
		if way, ok := key.beyond(place[i], key.Desc != reverse); ok {
			var words []string
			for _, c := range append(same[:i:i], way) {
				words, all.Args = append(words, c.SQL), append(all.Args, c.Args...)
			}
			ways = append(ways, strings.Join(words, " AND "))
		}
		if place[i] == nil {
			same = append(same, Where(key.SQL+" IS NULL"))
		} else {
			same = append(same, Where(key.SQL+" = ?", place[i]))
		}
	}
	all.SQL = "(" + strings.Join(ways, " OR ") + ")"
	return all
}

// beyond is the condition that the key lies beyond a value; false where nothing does.
func (k Key) beyond(value any, desc bool) (Cond, bool) {
	switch {
	case value == nil && desc:
		return Where(k.SQL + " IS NOT NULL"), true
	case value == nil:
		return Cond{}, false
	case desc:
		return Where(k.SQL+" < ?", value), true
	case k.Nullable:
		return Where("("+k.SQL+" > ? OR "+k.SQL+" IS NULL)", value), true
	}
	return Where(k.SQL+" > ?", value), true
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
		if word == nil && o.Keys[i].Nullable && (i == 0 || !o.Indexed) {
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
