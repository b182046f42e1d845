// Command model writes what a new model of the back office starts from: see
// docs/adding-a-model.md. It is run by make model NAME=Testimonial.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"
	"unicode"
)

// model is what the templates know of it.
type model struct {
	Name          string // Testimonial
	Names         string // Testimonials
	Var           string // testimonials
	File          string // testimonial
	Table, Slug   string // testimonials
	Label, Labels string // "Testimonial", "Testimonials"
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 || !regexp.MustCompile(`^[A-Z][a-z0-9]*([A-Z][a-z0-9]*)*$`).MatchString(args[0]) {
		return fmt.Errorf("say what it is called, as in: make model NAME=Testimonial")
	}
	m := named(args[0])
	at, err := next(time.Now())
	if err != nil {
		return err
	}
	for _, file := range files {
		name := filepath.FromSlash(strings.NewReplacer("AT", at, "TABLE", m.Table, "FILE", m.File).Replace(file.name))
		if err := m.write(name, file.text); err != nil {
			return err
		}
	}
	for _, edit := range edits {
		if err := m.insert(edit.file, edit.before, edit.text); err != nil {
			return err
		}
	}
	fmt.Printf(`Next:
  1. migrations/*/%s_%s.tx.up.sql and models/%s.go: the columns, the same in all three
  2. handlers/backoffice/%s.go: which of them the list, the filters and the form have
  3. views/i18n/catalogue_models.go: the Spanish of its words; it is English so far
  4. go test ./migrations ./handlers -run 'Schema|%s', and make run
`, at, m.Table, m.File, m.Table, m.Names)
	return nil
}

func named(name string) model {
	var words []string
	for _, r := range name {
		if unicode.IsUpper(r) {
			words = append(words, "")
		}
		words[len(words)-1] += string(unicode.ToLower(r))
	}
	m := model{Name: name, Names: plural(name), File: strings.Join(words, "_")}
	m.Table, m.Var = plural(m.File), strings.ToLower(m.Names[:1])+m.Names[1:]
	m.Slug = strings.ReplaceAll(m.Table, "_", "-")
	sentence := strings.Join(words, " ")
	m.Label = strings.ToUpper(sentence[:1]) + sentence[1:]
	m.Labels = plural(m.Label)
	return m
}

func plural(word string) string {
	if stem, found := strings.CutSuffix(word, "y"); found && !strings.ContainsAny(stem[max(0, len(stem)-1):], "aeiou") {
		return stem + "ies"
	}
	if regexp.MustCompile(`(s|x|z|ch|sh)$`).MatchString(word) {
		return word + "es"
	}
	return word + "s"
}

// next is a number for the migration behind all that there are.
func next(now time.Time) (string, error) {
	known, err := filepath.Glob("migrations/sqlite/*.up.sql")
	if err != nil || len(known) == 0 {
		return "", cmp.Or(err, fmt.Errorf("there are no migrations here: run it at the top of the project"))
	}
	newest := filepath.Base(known[len(known)-1])[:14] // Glob sorts
	for at := now; ; at = at.AddDate(0, 0, 1) {
		if number := at.Format("20060102") + "000001"; number > newest {
			return number, nil
		}
	}
}

func (m model) fill(text string) ([]byte, error) {
	t, err := template.New("").Delims("<<", ">>").Parse(text)
	if err != nil {
		return nil, err
	}
	var filled bytes.Buffer
	err = t.Execute(&filled, m)
	return filled.Bytes(), err
}

// write makes a file that is not there yet.
func (m model) write(name, text string) error {
	filled, err := m.fill(text)
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, ".go") {
		if filled, err = format.Source(filled); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // #nosec G302 G304 -- a source file
	if err != nil {
		return err
	}
	if _, err := file.Write(filled); err != nil {
		return err
	}
	fmt.Println(name)
	return file.Close()
}

// untranslated leaves out the words that a catalogue has already.
func untranslated(filled []byte) []byte {
	var known []byte
	catalogues, _ := filepath.Glob("views/i18n/*.go") // the pattern is well formed
	for _, name := range catalogues {
		text, err := os.ReadFile(name) // #nosec G304 -- found above
		if err == nil {
			known = append(known, text...)
		}
	}
	var kept []string
	for line := range strings.Lines(string(filled)) {
		key, _, word := strings.Cut(line, ": ")
		if !word || !strings.HasPrefix(key, "\t\"") || !bytes.Contains(known, []byte(key+":")) {
			kept = append(kept, line)
		}
	}
	return []byte(strings.Join(kept, ""))
}

// insert puts text before what it says into a file that is there.
func (m model) insert(name, before, text string) error {
	filled, err := m.fill(text)
	if err != nil {
		return err
	}
	if strings.HasPrefix(name, "views") {
		filled = untranslated(filled)
	}
	source, err := os.ReadFile(name) // #nosec G304 -- of the table below
	if err != nil {
		return err
	}
	if bytes.Count(source, []byte(before)) != 1 {
		return fmt.Errorf("%s: %q should be there once; add this by hand: %s", name, before, filled)
	}
	source = bytes.Replace(source, []byte(before), append(filled, before...), 1)
	if source, err = format.Source(source); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Println(name)
	return os.WriteFile(name, source, 0o644) // #nosec G306 -- a source file
}
