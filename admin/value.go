package admin

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
	"digitalpath/views/i18n"
)

// refMark stands before an id, so that it is not taken for what somebody typed.
const refMark = "#"

// texts is the column's value in row as its control holds it: of a list each element.
func (c *column) texts(row any) []string {
	value := reflect.Indirect(c.value(row))
	switch {
	case !value.IsValid(), c.input.Password:
		return nil
	case c.input.Ref != "" && value.Int() == 0:
		return nil
	case c.input.Ref != "":
		return []string{refMark + strconv.FormatInt(value.Int(), 10)}
	}
	switch value.Kind() {
	case reflect.Bool:
		return []string{strconv.FormatBool(value.Bool())}
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		return []string{strconv.FormatInt(value.Int(), 10)}
	case reflect.String:
		return []string{value.String()}
	}
	switch list := value.Interface().(type) {
	case []string:
		if !c.ticked() {
			return []string{strings.Join(list, "\n")}
		}
		return slices.Sorted(slices.Values(list))
	case []int64:
		var texts []string
		for _, id := range slices.Sorted(slices.Values(list)) {
			texts = append(texts, strconv.FormatInt(id, 10))
		}
		return texts
	}
	return nil
}

// text is texts of a column that has one.
func (c *column) text(row any) string { return strings.Join(c.texts(row), "\n") }

// ticked tells whether the column is a list of which elements are ticked.
func (c *column) ticked() bool { return c.input.Options != nil || c.input.Permissions }

// set puts what the control holds into row. What cannot be the column's value is a
// fault in words; what merely should not be is left to Save.
func (c *column) set(row any, texts []string) *problem.Text {
	value := c.value(row)
	typed := strings.ReplaceAll(strings.Join(texts, "\n"), "\r\n", "\n")
	switch {
	case c.input.Ref != "":
		number, marked := strings.CutPrefix(typed, refMark)
		id, ok := parseID(number)
		if typed != "" && (!marked || !ok) {
			return &problem.Text{Format: "Nothing here is called that."}
		}
		value.SetInt(id)
	case c.kind == adminpages.CellBool:
		value.SetBool(typed == "true")
	case c.kind == adminpages.CellNumber:
		n, err := strconv.ParseInt(strings.TrimSpace(typed), 10, 64)
		if err != nil || value.OverflowInt(n) {
			return &problem.Text{Format: "Enter a whole number."}
		}
		value.SetInt(n)
	case c.kind == adminpages.CellBadge:
		if !slices.ContainsFunc(c.choices, func(known models.Choice) bool { return known.Value == typed }) {
			return &problem.Text{Format: "Choose one of the options."}
		}
		value.SetString(typed)
	case c.kind == adminpages.CellList:
		c.setList(value, texts, typed)
	default:
		value.SetString(typed)
	}
	return nil
}

func (c *column) setList(value reflect.Value, texts []string, typed string) {
	if value.Type().Elem().Kind() == reflect.Int64 {
		ids := []int64{}
		for _, text := range texts {
			if id, ok := parseID(text); ok {
				ids = append(ids, id)
			}
		}
		value.Set(reflect.ValueOf(ids))
		return
	}
	list := []string{}
	for line := range strings.SplitSeq(typed, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	value.Set(reflect.ValueOf(list))
}

// rule is the parameter of one of the column's validate tags, such as max.
func (c *column) rule(name string) (param string, found bool) {
	for rule := range strings.SplitSeq(c.field.StructField.Tag.Get("validate"), ",") {
		if key, value, _ := strings.Cut(rule, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// excerptLength is how much of a text a list carries; the column is narrower.
const excerptLength = 160

// cell is a row's value in a column, ready to draw. Badges get the row's note.
func (r *resource) cell(ctx context.Context, c *column, row any, badge Badge) adminpages.Cell {
	value := reflect.Indirect(c.value(row))
	if !value.IsValid() || (value.IsZero() && (c.nullable || c.kind == adminpages.CellTime || value.Kind() == reflect.String)) {
		return adminpages.Cell{Kind: adminpages.CellEmpty}
	}
	cell := adminpages.Cell{Kind: c.kind}
	switch c.kind {
	case adminpages.CellBadge:
		cell.Badge = r.badge(ctx, c, row, badge)
	case adminpages.CellTime:
		cell.Time = value.Interface().(time.Time)
	case adminpages.CellBool:
		cell.Bool = value.Bool()
	case adminpages.CellNumber:
		cell.Text = i18n.Number(ctx, int(value.Int()))
		if c.bar {
			cell.Kind = adminpages.CellBar
		}
	case adminpages.CellList:
		cell.Text = strings.ReplaceAll(c.text(row), "\n", ", ")
	case adminpages.CellChanges:
		r.showChanges(ctx, &cell, row.(*models.HistoryEntry))
	default:
		cell.Text = c.shown(row)
		if c.worded {
			cell.Text = i18n.T(ctx, cell.Text)
		}
	}
	return cell
}

// badge shows an enumerated value. Only the status badge of a list has an id and a
// note: it is the one that updates itself.
func (r *resource) badge(ctx context.Context, c *column, row any, badge Badge) adminpages.Badge {
	value := reflect.Indirect(c.value(row)).String()
	choice := models.Choice{Value: value, Label: value, Tone: models.ToneNeutral}
	for _, known := range c.choices {
		if known.Value == value {
			choice = known
		}
	}
	shown := adminpages.Badge{Value: choice.Value, Label: i18n.T(ctx, choice.Label), Tone: choice.Tone}
	if r.status != nil && c.name == r.status.name {
		shown.ID = fmt.Sprintf("badge-%s-%d", r.slug, r.id(row))
		shown.Note, shown.Live = badge.Note, badge.Live
	}
	return shown
}

// badgesOf asks the model about rows; without an answer of its own a row is live
// while its choice is.
func (r *resource) badgesOf(ctx context.Context, rows []any) (map[int64]Badge, error) {
	if r.badges != nil && len(rows) > 0 {
		badges, err := r.badges(ctx, rows)
		if err != nil {
			return nil, fmt.Errorf("badges of %s: %w", r.slug, err)
		}
		return badges, nil
	}
	badges := map[int64]Badge{}
	for _, row := range rows {
		if r.status != nil {
			value := reflect.Indirect(r.status.value(row)).String()
			for _, c := range r.status.choices {
				if c.Value == value && c.Live {
					badges[r.id(row)] = Badge{Live: true}
				}
			}
		}
	}
	return badges, nil
}

// shown is a column's text as people write it.
func (c *column) shown(row any) string {
	text := reflect.Indirect(c.value(row)).String()
	if c.kind == adminpages.CellEmail {
		return models.DisplayEmail(text)
	}
	return text
}

// listRow is one row of a list.
func (r *resource) listRow(ctx context.Context, row any, badge Badge) adminpages.Row {
	id := strconv.FormatInt(r.id(row), 10)
	shown := adminpages.Row{ID: id, URL: r.url(id)}
	if r.excerpt != nil {
		shown.Excerpt = oneLine(r.excerpt.shown(row))
	}
	for i, c := range r.list {
		cell := r.cell(ctx, c, row, badge)
		cell.Text = oneLine(cell.Text)
		if i == 0 && cell.Kind == adminpages.CellEmpty {
			cell = adminpages.Cell{Text: "#" + id} // a link needs words
		}
		shown.Cells = append(shown.Cells, cell)
	}
	return shown
}

// oneLine is the beginning of a text, without line breaks.
func oneLine(s string) string {
	if len(s) > 8*excerptLength {
		s = strings.ToValidUTF8(s[:8*excerptLength], "")
	}
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > excerptLength {
		return string(runes[:excerptLength]) + "…"
	}
	return string(runes)
}
