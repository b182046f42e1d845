package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/caarlos0/env/v11"
)

// Variable is one row of the table of variables.
type Variable struct {
	Name, Alias, Default, Help string
	Secret                     bool
}

// Variables lists every variable that FromEnv reads, in the order of Config.
func Variables() []Variable {
	var all []Variable
	for field := range reflect.TypeFor[Config]().Fields() {
		if name := field.Tag.Get("env"); name != "-" {
			all = append(all, Variable{name, field.Tag.Get("alias"), field.Tag.Get("envDefault"), field.Tag.Get("help"), field.Tag.Get("secret") != ""})
		}
	}
	return all
}

// FromEnv reads the configuration from environ (os.Environ's shape) and, beneath it,
// from the .env file of the working directory. Its error is for the person who starts
// the program: a sentence for each variable that is wrong, with the remedy.
func FromEnv(environ []string) (*Config, error) {
	given := env.ToMap(environ)
	file, warnings, err := readDotenv(".env")
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, v := range Variables() {
		for _, name := range []string{v.Name, v.Alias} {
			value, ok := given[name]
			if !ok {
				value = file[name]
			}
			if !v.Secret {
				value = strings.TrimSpace(value)
			}
			if strings.TrimSpace(value) != "" {
				values[v.Name] = value
				break
			}
		}
	}
	c := &Config{Warnings: append(warnings, misspelt(given, file)...)}
	wrong, malformed := c.parse(values)
	for _, fault := range c.resolve() {
		if !slices.ContainsFunc(malformed, func(name string) bool { return strings.Contains(fault.Error(), name) }) {
			wrong = append(wrong, fault)
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if c.SecretKey == "" {
		c.SecretKey, err = keptSecret()
	}
	return c, err
}

// parse fills c. Malformed variables are named and then left out, so that the faults
// of the others can be told too.
func (c *Config) parse(values map[string]string) (wrong []error, malformed []string) {
	options := env.Options{Environment: values, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[bool]():           parseBool,
		reflect.TypeFor[[]netip.Prefix](): parseNetworks,
		reflect.TypeFor[time.Location]():  parseZone,
	}}
	err := env.ParseWithOptions(c, options)
	aggregate, ok := errors.AsType[env.AggregateError](err)
	if err != nil && !ok {
		return []error{err}, nil
	}
	for _, fault := range aggregate.Errors {
		parse, ok := errors.AsType[env.ParseError](fault)
		if !ok {
			return []error{fault}, nil
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		name := field.Tag.Get("env")
		wrong, malformed = append(wrong, explain(field, values[name])), append(malformed, name)
		delete(values, name)
	}
	if slices.Contains(malformed, "DJANGO_DEBUG") {
		values["DJANGO_DEBUG"] = "1" // what production lacks is no fault where production was perhaps not meant
	}
	if len(malformed) > 0 {
		err = env.ParseWithOptions(c, options)
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong, malformed
}

// parseBool takes the spellings that Django settings files use.
func parseBool(s string) (any, error) {
	switch strings.ToLower(s) {
	case "1", "true", "yes", "on", "t", "y":
		return true, nil
	case "0", "false", "no", "off", "f", "n":
		return false, nil
	}
	return nil, errors.New("neither 1 nor 0")
}

func parseZone(s string) (any, error) {
	zone, err := time.LoadLocation(s)
	if err != nil {
		return nil, err
	}
	if s == "Local" {
		return nil, errors.New("not a zone that others know")
	}
	return *zone, nil
}

func parseNetworks(s string) (any, error) {
	var networks []netip.Prefix
	for _, item := range cleaned(strings.Split(s, ",")) {
		network, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, err
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// spelling says how a value of each type is written.
var spelling = map[reflect.Type]string{
	reflect.TypeFor[bool]():           "1 or 0",
	reflect.TypeFor[uint8]():          "a whole number from 0 to 255",
	reflect.TypeFor[uint16]():         "a whole number from 1 to 65535",
	reflect.TypeFor[int64]():          "a whole number",
	reflect.TypeFor[Days]():           "a whole number of days from 0 to 65535",
	reflect.TypeFor[time.Duration]():  "a time with its unit, such as 90s, 5m or 24h",
	reflect.TypeFor[url.URL]():        "an address such as https://example.com",
	reflect.TypeFor[[]netip.Prefix](): "networks such as 10.0.0.0/8, separated by commas",
	reflect.TypeFor[time.Location]():  "a zone of the IANA's list, such as UTC or Europe/Madrid",
	reflect.TypeFor[slog.Level]():     "debug, info, warn or error",
	reflect.TypeFor[Limits]():         "rates such as 10/m/ip or 5/5m/key, separated by commas, or off",
}

// explain is a sentence that names the variable and the remedy. Texts have no wrong
// spelling, so the value that it shows is no secret, but for an address that may hold
// a password.
func explain(field reflect.StructField, value string) error {
	wrong := "malformed"
	if field.Type != reflect.TypeFor[url.URL]() {
		wrong = strconv.Quote(value)
	}
	return fmt.Errorf("%s is %s: set it to %s (%s)", field.Tag.Get("env"), wrong, spelling[field.Type], field.Tag.Get("help"))
}

// misspelt warns of variables that are perhaps ours under a wrong name.
func misspelt(sources ...map[string]string) (warnings []string) {
	var names []string
	for _, source := range sources {
		names = append(names, slices.Collect(maps.Keys(source))...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if lookUp(name) != nil {
			continue
		}
		for _, v := range Variables() {
			// Two letters of ten may be wrong, but not one of four.
			if distance := levenshtein.ComputeDistance(name, v.Name); distance <= min(2, len(v.Name)/5) {
				warnings = append(warnings, fmt.Sprintf("%s is set, which is not read: is %s meant?", name, v.Name))
			}
		}
	}
	return warnings
}

// keptSecret reads the generated secret of a development machine, making it at the
// first start.
func keptSecret() (string, error) {
	const path = "var/secret_key"
	kept, err := os.ReadFile(path)
	if err == nil && len(kept) >= minSecret {
		return string(kept), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the generated secret: %w", err)
	}
	secret := randomSecret()
	if err := os.MkdirAll("var", 0o750); err != nil {
		return "", fmt.Errorf("make the folder of the generated secret: %w", err)
	}
	if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
		return "", fmt.Errorf("keep the generated secret: %w", err)
	}
	return secret, nil
}
