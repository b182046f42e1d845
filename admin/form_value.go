package admin

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"digitalpath/models"
	"digitalpath/problem"
	"digitalpath/views/adminpages"
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
