package static

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
)

// Packed is a text that goes out packed to who can unpack it. It must hold no secret: who
// can put text of their own beside one learns it from the length (BREACH).
type Packed struct {
	Body  []byte
	forms []form // the smallest first
}

// form is the body in one encoding, made once for all who ask.
type form struct {
	encoding string // as Content-Encoding has it
	body     func() []byte
}

// brotliLevel is of 11, which takes twenty times as long for a tenth less.
const brotliLevel = 9

// Pack makes a Packed. The work is done when somebody asks.
func Pack(body []byte) *Packed {
	packer := func(encoding string, writer func(io.Writer) io.WriteCloser) form {
		return form{encoding, sync.OnceValue(func() []byte {
			var packed bytes.Buffer
			w := writer(&packed)
			_, err := w.Write(body)
			if err = errors.Join(err, w.Close()); err != nil {
				panic("static: " + err.Error()) // a buffer takes everything
			}
			return packed.Bytes()
		})}
	}
	return &Packed{body, []form{
		packer("br", func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, brotliLevel) }),
		packer("gzip", func(w io.Writer) io.WriteCloser {
			writer, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // the level is one that there is
			return writer
		}),
	}}
}

// In is the smallest form that the client takes. An empty encoding is none.
func (p *Packed) In(takes func(encoding string) bool) (body []byte, encoding string) {
	for _, form := range p.forms {
		if takes(form.encoding) {
			return form.body(), form.encoding
		}
	}
	return p.Body, ""
}
