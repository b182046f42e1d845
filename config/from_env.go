package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Variable is one row of the table of variables.
type Variable struct {
	Name, Alias, Default, Help string
	KeepsBlanks                bool // around its value, which else do not count
}

// Variables lists every variable that FromEnv reads, in the order of Config.
func Variables() []Variable {
	var all []Variable
	for field := range reflect.TypeFor[Config]().Fields() {
		if name := field.Tag.Get("env"); name != "-" {
			all = append(all, Variable{name, field.Tag.Get("alias"), field.Tag.Get("envDefault"), field.Tag.Get("help"), field.Tag.Get("blanks") == "kept"})
		}
	}
	return all
}

// FromEnv reads the configuration from getenv (os.LookupEnv's shape) and, beneath
// it, from the .env file of the working directory. Its error is one sentence for
// the person who starts the program, naming the variable and the remedy.
func FromEnv(getenv func(string) (string, bool)) (*Config, error) {
	file, err := readDotenv(".env")
	if err != nil {
		return nil, err
	}
	environment := map[string]string{}
	for _, v := range Variables() {
		for _, name := range []string{v.Name, v.Alias} {
			value, ok := getenv(name)
			if !ok {
				value = file[name]
			}
			if trimmed := strings.TrimSpace(value); trimmed != "" {
				if !v.KeepsBlanks {
					value = trimmed
				}
				environment[v.Name] = value
				break
			}
		}
	}
	c := new(Config)
	err = env.ParseWithOptions(c, env.Options{Environment: environment, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[bool]():           parseBool,
		reflect.TypeFor[[]netip.Prefix](): parseNetworks,
	}})
	if err != nil {
		return nil, explain(err, environment)
	}
	if err := c.resolve(); err != nil {
		return nil, err
	}
	if c.SecretKey == "" {
		c.SecretKey, err = keptSecret()
	}
	return c, err
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
	reflect.TypeFor[time.Duration]():  "a time with its unit, such as 90s, 5m or 24h",
	reflect.TypeFor[url.URL]():        "an address such as https://example.com",
	reflect.TypeFor[[]netip.Prefix](): "networks such as 10.0.0.0/8, separated by commas",
	reflect.TypeFor[Limits]():         "rates such as 10/m/ip or 5/5m/key, separated by commas, or off",
}

// explain turns the library's error into a sentence that names the variable and the
// remedy. Texts have no wrong spelling, so the values it shows are no secrets, but
// for an address that may hold a password.
func explain(err error, environment map[string]string) error {
	var aggregate env.AggregateError
	if !errors.As(err, &aggregate) || len(aggregate.Errors) == 0 {
		return err
	}
	parse, ok := errors.AsType[env.ParseError](aggregate.Errors[0])
	if !ok {
		return aggregate.Errors[0]
	}
	field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
	name, wrong := field.Tag.Get("env"), "malformed"
	if field.Type != reflect.TypeFor[url.URL]() {
		wrong = strconv.Quote(environment[name])
	}
	return fmt.Errorf("%s is %s: set it to %s (%s)", name, wrong, spelling[field.Type], field.Tag.Get("help"))
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
