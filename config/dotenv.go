package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/joho/godotenv"
)

// dollar stands for each $ while the library reads the file, for it would expand
// what follows. The Django program did not, and keys that Django makes hold $. No
// variable's value can hold this byte.
const dollar = "\x00"

// comment is the end of a line whose value is not quoted, from the first # that has
// a blank before it. The library looks for the last one.
var comment = regexp.MustCompile(`(?m)^([^=\n]*=(?:[ \t]*[^'"\s#].*?|#.*?)?)[ \t]+#.*$`)

// readDotenv reads a .env file; one that is not there holds nothing. Its errors show
// nothing of the file, which is full of secrets.
func readDotenv(path string) (map[string]string, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the name is ours
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	values, err := parseDotenv(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s is malformed at line %d: write it as NAME=value, and close every quote", path, faultyLine(string(text)))
	}
	return values, nil
}

func parseDotenv(text string) (map[string]string, error) {
	text = comment.ReplaceAllString(text, "$1")
	values, err := godotenv.Unmarshal(strings.ReplaceAll(text, "$", dollar) + "\n")
	for name, value := range values {
		values[name] = strings.ReplaceAll(value, dollar, "$")
	}
	return values, err
}

// faultyLine is the line behind the longest beginning of text that can be read.
func faultyLine(text string) int {
	lines := strings.SplitAfter(text, "\n")
	for n := len(lines) - 1; n > 0; n-- {
		if _, err := parseDotenv(strings.Join(lines[:n], "")); err == nil {
			return n + 1
		}
	}
	return 1
}
