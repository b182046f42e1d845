package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Variable is one row of the table of variables.
type Variable struct {
	Name, Alias, Default, Help string
}

// Variables lists every variable that FromEnv reads, in the order of Config.
func Variables() []Variable {
	var all []Variable
	for field := range reflect.TypeFor[Config]().Fields() {
		if name := field.Tag.Get("env"); name != "-" {
			all = append(all, Variable{name, field.Tag.Get("alias"), field.Tag.Get("envDefault"), field.Tag.Get("help")})
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
			if value = strings.TrimSpace(value); value != "" {
				environment[v.Name] = value
				break
			}
		}
	}
	c := new(Config)
	err = env.ParseWithOptions(c, env.Options{Environment: environment, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[bool]():         parseBool,
		reflect.TypeFor[netip.Prefix](): func(s string) (any, error) { return netip.ParsePrefix(strings.TrimSpace(s)) },
	}})
	if err != nil {
		return nil, explain(err)
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
	return nil, fmt.Errorf("%q is neither 1 nor 0", s)
}

// explain turns the library's error into a sentence that names the variable and
// never shows its value: that may be a secret.
func explain(err error) error {
	var aggregate env.AggregateError
	if !errors.As(err, &aggregate) || len(aggregate.Errors) == 0 {
		return err
	}
	parse, ok := errors.AsType[env.ParseError](aggregate.Errors[0])
	if !ok {
		return aggregate.Errors[0]
	}
	field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
	return fmt.Errorf("%s is malformed (%w). It is: %s", field.Tag.Get("env"), parse.Err, field.Tag.Get("help"))
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
