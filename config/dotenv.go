package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// setting is one line of a .env file.
type setting struct{ name, value string }

// readDotenv reads a .env file, and returns warnings about what was perhaps meant
// otherwise; a file that is not there holds nothing. Warnings name no value, for the
// file is full of secrets.
//
// The Django program's library is not known. Where python-decouple and
// django-environ read a line alike, so does this; where they differ, it warns. In
// one thing it goes beyond them: a # behind a blank begins a comment, also in a line
// without quotes, but not in a secret, which both take whole.
func readDotenv(path string) (values map[string]string, warnings []string, err error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the name is ours
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 { // PowerShell writes UTF-16
		return nil, nil, fmt.Errorf("%s is not a text of UTF-8: save it as one", path)
	}
	values = map[string]string{}
	var whole, odd []string
	for i, line := range strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if bare := strings.TrimSpace(line); bare == "" || bare[0] == '#' {
			continue
		}
		if !strings.Contains(line, "=") {
			warnings = append(warnings, fmt.Sprintf("%s, line %d is not read: write it as NAME=value", path, i+1))
			continue
		}
		s, doubt := readLine(line)
		values[s.name] = s.value
		switch {
		case lookUp(s.name) == nil: // another program's
		case doubt == wholeSecret:
			whole = append(whole, s.name)
		case doubt == otherReading:
			odd = append(odd, s.name)
		}
	}
	if whole != nil {
		warnings = append(warnings, fmt.Sprintf("%s: # and what follows it are a part of %s, as for python-decouple and django-environ: put quotes around the value, or a comment on a line of its own", path, strings.Join(whole, " and ")))
	}
	if odd != nil {
		warnings = append(warnings, fmt.Sprintf("%s: python-decouple or django-environ would read %s in another way: write it as NAME='value', without blanks or a comment", path, strings.Join(odd, " and ")))
	}
	return values, warnings, nil
}

// doubt is why a line may have been meant otherwise.
type doubt int

const (
	noDoubt doubt = iota
	wholeSecret
	otherReading
)

func readLine(line string) (setting, doubt) {
	cut, quoted := cutComment(line)
	s := decouple(cut)
	s.name = strings.TrimSpace(strings.TrimPrefix(s.name, "export "))
	if v := lookUp(s.name); v == nil || !v.Secret {
		s.value = strings.TrimSpace(s.value)
		for _, read := range []func(string) setting{decouple, environ} {
			if other := read(cut); other.name != s.name || strings.TrimSpace(other.value) != s.value {
				return s, otherReading
			}
		}
		return s, noDoubt
	}
	if cut != line && !quoted && s.value != "" {
		return setting{s.name, decouple(line).value}, wholeSecret
	}
	if decouple(line) != s || environ(line) != s {
		return s, otherReading
	}
	return s, noDoubt
}

var (
	quotedWithComment = regexp.MustCompile(`^([^=]*=[ \t]*(?:'[^']*'|"[^"]*"))[ \t]+#`)
	quotedAlone       = regexp.MustCompile(`^[^=]*=[ \t]*(?:'.*'|".*")[ \t]*$`)
	bareWithComment   = regexp.MustCompile(`^([^=]*=.*?)[ \t]+#`)
)

func cutComment(line string) (cut string, quoted bool) {
	if match := quotedWithComment.FindStringSubmatch(line); match != nil {
		return match[1], true
	}
	if match := bareWithComment.FindStringSubmatch(line); match != nil && !quotedAlone.MatchString(line) {
		return match[1], false
	}
	return line, false
}

// decouple reads a line as python-decouple 3.8 does (class RepositoryEnv).
func decouple(line string) setting {
	name, value, _ := strings.Cut(line, "=")
	value = strings.TrimSpace(value)
	for _, quote := range []string{"'", `"`} {
		if inner, ok := unquote(value, quote); ok {
			value = inner
			break
		}
	}
	return setting{strings.TrimSpace(name), value}
}

var (
	environLine   = regexp.MustCompile(`^(?:export )?([A-Za-z_0-9]+)=(.*)$`)
	environEscape = regexp.MustCompile(`\\([^rnt])`)
)

// environ reads a line as django-environ 0.14 does (Env.read_env).
func environ(line string) setting {
	match := environLine.FindStringSubmatch(line)
	if match == nil {
		return setting{}
	}
	value := match[2]
	if inner, ok := unquote(value, "'"); ok {
		value = inner
	}
	if inner, ok := unquote(value, `"`); ok {
		value = environEscape.ReplaceAllString(inner, "$1")
	}
	return setting{match[1], value}
}

func unquote(value, quote string) (inner string, ok bool) {
	if len(value) < 2 || !strings.HasPrefix(value, quote) || !strings.HasSuffix(value, quote) {
		return value, false
	}
	return value[1 : len(value)-1], true
}

// lookUp finds one of our variables by its name or alias; nil: it is none.
func lookUp(name string) *Variable {
	all := Variables()
	if i := slices.IndexFunc(all, func(v Variable) bool { return name == v.Name || name == v.Alias }); i >= 0 && name != "" {
		return &all[i]
	}
	return nil
}
