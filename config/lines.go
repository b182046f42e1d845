package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
)

// Lines is every variable with the value that counts, as a .env file could hold it.
// Of secrets they tell only whether they are set, and addresses lack their password.
func (c *Config) Lines() []string {
	var lines []string
	for field, value := range reflect.ValueOf(c).Elem().Fields() {
		name := field.Tag.Get("env")
		switch {
		case name == "-":
		case field.Tag.Get("secret") == "":
			lines = append(lines, name+"="+written(value))
		case value.IsZero():
			lines = append(lines, "# "+name+" is not set")
		default:
			lines = append(lines, "# "+name+" is set")
		}
	}
	return lines
}

func written(value reflect.Value) string {
	switch v := value.Addr().Interface().(type) {
	case *bool:
		if *v {
			return "1"
		}
		return "0"
	case *string:
		return withoutPassword(*v)
	case *[]string:
		return strings.Join(*v, ",")
	case *[]netip.Prefix:
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(*v), " ", ","), "[]")
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(value.Interface())
}

// withoutPassword hides what an address like DATABASE_URL holds behind its user, or
// in its query as libpq takes it.
func withoutPassword(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	u, err := url.Parse(text)
	if err != nil {
		return "(an address)"
	}
	query := u.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Set(name, "xxxxx")
			u.RawQuery = query.Encode()
		}
	}
	return u.Redacted()
}
