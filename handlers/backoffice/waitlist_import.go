package backoffice

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"digitalpath/admin"
	"digitalpath/problem"
	"digitalpath/services/waitlist"
	"digitalpath/views/i18n"
	"digitalpath/views/staff"
)

const (
	// maxFile is how large a file may be as waitlist.CSVText has it, line ends counted
	// twice, so that it fits into a request on its way back with the confirmation.
	maxFile = 3_000_000
	// shownChanges and shownBad are how many rows of a file the preview lists.
	shownChanges = 20
	shownBad     = 100
)

// ImportPage asks for a CSV file.
func (b *Backoffice) ImportPage(c *fiber.Ctx) error {
	page, err := b.importPage(c)
	if err != nil {
		return err
	}
	return admin.Render(c, staff.ImportPage(page))
}

// Import shows what a file would do and, once that is confirmed, does it. Between
// the two the file travels in the form: nothing of it is kept on the server.
func (b *Backoffice) Import(c *fiber.Ctx) error {
	ctx := c.UserContext()
	page, err := b.importPage(c)
	if err != nil {
		return err
	}
	file, err := uploaded(c)
	if err != nil {
		return err
	}
	done := c.FormValue("confirm") == "yes"
	run := b.Waitlist.PreviewImport
	if done {
		run = b.Waitlist.Import
	}
	text, err := waitlist.CSVText(file)
	if err == nil { // what is none is refused below
		page.Text = string(text) // the browser sends it back, and knows UTF-8 alone
	}
	size := len(text) + bytes.Count(text, []byte("\n")) // browsers send line ends as two
	refuse := func(p *problem.Problem) {
		run = func(context.Context, []byte) (*waitlist.Import, error) { return nil, p }
	}
	switch {
	case len(bytes.TrimSpace(file)) == 0:
		refuse(problem.Field("file", "Choose a file, or paste its rows."))
	case size > maxFile:
		refuse(problem.Field("file", "The file is larger than 3 MB. Split it."))
	}
	if done && waitlist.IsLong(file) && size <= maxFile {
		job, err := b.Waitlist.QueueImport(ctx, file, i18n.Lang(ctx))
		if err == nil {
			return c.Redirect(jobURL(job.ID), fiber.StatusSeeOther)
		}
		run = func(context.Context, []byte) (*waitlist.Import, error) { return nil, err }
	}
	plan, err := run(ctx, file)
	if p, ok := problem.As(err); ok {
		page.Errors = sentences(ctx, p)
		return &admin.Rejected{Err: err, Page: staff.ImportPage(page)}
	}
	if err != nil {
		return err
	}
	page.Result = importResult(ctx, plan)
	page.Result.Done = done
	return admin.Render(c, staff.ImportPage(page))
}

func (b *Backoffice) importPage(c *fiber.Ctx) (staff.Import, error) {
	frame, err := b.waitlistFrame(c, "Import CSV")
	return staff.Import{Frame: frame, URL: importURL}, err
}

// uploaded is the chosen file, else what was pasted.
func uploaded(c *fiber.Ctx) ([]byte, error) {
	header, err := c.FormFile("file")
	if err != nil || header.Size == 0 {
		return []byte(c.FormValue("text")), nil
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return io.ReadAll(file)
}

func importResult(ctx context.Context, plan *waitlist.Import) *staff.ImportResult {
	result := &staff.ImportResult{Rows: plan.Rows(), Added: len(plan.Added), Merged: len(plan.Merged), Same: plan.Same, Doubles: plan.Duplicates, BadCount: len(plan.Bad)}
	rows := slices.Concat(plan.Added, plan.Merged)
	slices.SortFunc(rows, func(a, b waitlist.ImportedRow) int { return a.Line - b.Line })
	for _, row := range rows[:min(len(rows), shownChanges)] {
		change := staff.ImportChange{Line: row.Line, Email: row.Entry.Email, Name: row.Entry.FullName(), Company: row.Entry.Company}
		var fields []string
		for _, field := range row.Changes {
			fields = append(fields, strings.ReplaceAll(field.Field, "_", " "))
		}
		change.Merged = strings.Join(fields, ", ")
		result.Changes = append(result.Changes, change)
	}
	result.More = max(0, len(rows)-shownChanges)
	var text bytes.Buffer
	bad := csv.NewWriter(&text)
	_ = bad.Write(plan.Header) // a buffer takes everything
	for _, row := range plan.Bad {
		_ = bad.Write(row.Record) // likewise
	}
	bad.Flush()
	if len(plan.Bad) > 0 {
		result.BadText = text.String()
	}
	for _, row := range plan.Bad[:min(len(plan.Bad), shownBad)] {
		result.Bad = append(result.Bad, staff.BadRow{
			Line: row.Line, Text: strings.Join(row.Record, " · "), Why: strings.Join(sentences(ctx, row.Why), " "),
		})
	}
	return result
}

// sentences are what is wrong, each with the name of its field.
func sentences(ctx context.Context, p *problem.Problem) []string {
	var all []string
	words := admin.AllWords(ctx, p)
	for _, field := range slices.Sorted(maps.Keys(words)) {
		for _, sentence := range words[field] {
			if field != "file" {
				sentence = strings.ReplaceAll(field, "_", " ") + ": " + sentence
			}
			all = append(all, sentence)
		}
	}
	return all
}
