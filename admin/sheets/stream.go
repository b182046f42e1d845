package sheets

import (
	"bytes"
	"io"
)

// Stream is a file that is made as far as it is read; a workbook is made when it is first
// read. An error in the middle breaks the connection off, so that nobody takes half a file
// for a whole one.
type Stream struct {
	next func() (records [][]string, more bool, err error)
	text bytes.Buffer // written and not read yet
	book *XLSX        // nil for CSV
	done bool
}

// NewStream begins a file whose rows next brings, batch by batch. What fails with the
// first batch is its error.
func NewStream(columns []Column, workbook bool, next func() (records [][]string, more bool, err error)) (s *Stream, err error) {
	s = &Stream{next: next}
	if workbook {
		if s.book, err = NewXLSX(columns); err != nil {
			return nil, err
		}
		return s, s.fill()
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	s.text.WriteString(CSVMark)
	s.text.Write(CSV(names))
	return s, s.fill()
}

// Read implements io.Reader.
func (s *Stream) Read(p []byte) (int, error) {
	for s.text.Len() == 0 {
		if s.done {
			return 0, io.EOF
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.text.Read(p)
}

// Close lets go of what a workbook holds.
func (s *Stream) Close() error {
	if s.book == nil {
		return nil
	}
	return s.book.Close()
}

// fill writes the next batch of rows.
func (s *Stream) fill() error {
	records, more, err := s.next()
	if err != nil {
		return err
	}
	s.done = !more
	if s.book == nil {
		s.text.Write(CSV(records...))
		return nil
	}
	for _, record := range records {
		if err := s.book.Add(record); err != nil {
			return err
		}
	}
	if s.done {
		_, err = s.book.WriteTo(&s.text)
	}
	return err
}
