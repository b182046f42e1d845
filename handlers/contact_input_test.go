package handlers_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"digitalpath/handlers/handlerstest"
)

// contact makes a body of the form, each value as JSON source.
func contact(name, email, message string) string {
	return `{"name":` + name + `,"email":` + email + `,"message":` + message + `}`
}

func quoted(s string) string { return `"` + s + `"` }

// input is one thing that a client may send.
type input struct {
	name    string
	body    string
	headers []string // instead of Content-Type: application/json
	status  int
	code    string
	field   string // at fault, in errors
}

var (
	ann      = quoted("Ann")
	anns     = quoted("ann@example.com")
	hello    = quoted("Hello")
	jsonType = []string{"Content-Type", "application/json"}
)

// refused are the inputs that store nothing, mail nothing and say why.
var refused = []input{
	{"name is required", `{"email":"ann@example.com","message":"Hello"}`, jsonType, 400, "invalid", "name"},
	{"e-mail is required", `{"name":"Ann","message":"Hello"}`, jsonType, 400, "invalid", "email"},
	{"message is required", `{"name":"Ann","email":"ann@example.com"}`, jsonType, 400, "invalid", "message"},
	{"null is as good as absent", contact("null", anns, hello), jsonType, 400, "invalid", "name"},
	{"an empty object names every field", `{}`, jsonType, 400, "invalid", "message"},
	{"name may not be empty", contact(`""`, anns, hello), jsonType, 400, "invalid", "name"},
	{"name may not be blank", contact(`" \t "`, anns, hello), jsonType, 400, "invalid", "name"},
	{"e-mail may not be empty", contact(ann, `""`, hello), jsonType, 400, "invalid", "email"},
	{"message may not be empty", contact(ann, anns, `""`), jsonType, 400, "invalid", "message"},
	{"message may not be blank", contact(ann, anns, `"\n\n"`), jsonType, 400, "invalid", "message"},
	{"name ends at 200 characters", contact(quoted(strings.Repeat("n", 201)), anns, hello), jsonType, 400, "invalid", "name"},
	{"e-mail ends at 254 characters", contact(ann, quoted(longEmail(255)), hello), jsonType, 400, "invalid", "email"},
	{"message ends at 10,000 characters", contact(ann, anns, quoted(strings.Repeat("m", 10001))), jsonType, 400, "invalid", "message"},
	{"an e-mail address has an @", contact(ann, quoted("ann.example.com"), hello), jsonType, 400, "invalid", "email"},
	{"an e-mail address has a domain", contact(ann, quoted("ann@"), hello), jsonType, 400, "invalid", "email"},
	{"an e-mail address has no spaces", contact(ann, quoted("ann smith@example.com"), hello), jsonType, 400, "invalid", "email"},
	{"one address, not two", contact(ann, quoted("a@example.com,b@example.com"), hello), jsonType, 400, "invalid", "email"},
	{"an address, not a name with one", contact(ann, `"Ann <ann@example.com>"`, hello), jsonType, 400, "invalid", "email"},
	{"an e-mail address has no line break", contact(ann, `"ann@example.com\r\nBcc: x@example.com"`, hello), jsonType, 400, "invalid", "email"},
	{"a number is no name", contact("42", anns, hello), jsonType, 400, "invalid", "name"},
	{"an object is no message", contact(ann, anns, "{}"), jsonType, 400, "invalid", "message"},
	{"a list is no e-mail", contact(ann, `["ann@example.com"]`, hello), jsonType, 400, "invalid", "email"},
	{"NUL is refused", contact(`"A\u0000nn"`, anns, hello), jsonType, 400, "malformed", ""},
	{"a raw NUL is refused", contact("\"A\x00nn\"", anns, hello), jsonType, 400, "malformed", ""},
	{"invalid UTF-8 is refused", contact("\"A\xffnn\"", anns, hello), jsonType, 400, "malformed", ""},
	{"malformed JSON is refused", `{"name":"Ann",`, jsonType, 400, "malformed", ""},
	{"two documents are not one", contact(ann, anns, hello) + "{}", jsonType, 400, "malformed", ""},
	{"an empty body is refused", "", jsonType, 400, "malformed", ""},
	{"a list is no form", "[]", jsonType, 400, "malformed", ""},
	{"a string is no form", `"name"`, jsonType, 400, "malformed", ""},
	{"null is no form", "null", jsonType, 400, "malformed", ""},
	{"a number is no form", "7", jsonType, 400, "malformed", ""},
	{"keys are matched exactly", `{"Name":"Ann","email":"ann@example.com","message":"Hello"}`, jsonType, 400, "invalid", "name"},
	{"letters that fold into others are others", `{"name":"Ann","email":"ann@example.com","meſſage":"Hello"}`, jsonType, 400, "invalid", "message"},
	{"what nobody sees is no name", contact(quoted("\u200b\u2060\u00ad\u3164"), anns, hello), jsonType, 400, "invalid", "name"},
	{"what nobody sees is no message", contact(ann, anns, quoted(" \u2800\ufe0f")), jsonType, 400, "invalid", "message"},
	{"deep nesting is refused", strings.Repeat("[", 100_000), jsonType, 400, "malformed", ""},
	{"deep nesting in an unknown field is refused", `{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, jsonType, 400, "malformed", ""},
	{"a form is not JSON", "name=Ann&email=ann@example.com&message=Hello", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "unsupported_media_type", ""},
	{"text is not JSON", contact(ann, anns, hello), []string{"Content-Type", "text/plain"}, 415, "unsupported_media_type", ""},
	{"no content type is not JSON", contact(ann, anns, hello), nil, 415, "unsupported_media_type", ""},
	{"a malformed content type is not JSON", contact(ann, anns, hello), []string{"Content-Type", "application/json; charset"}, 415, "unsupported_media_type", ""},
	{"a compressed body is refused", gzipped(contact(ann, anns, hello)), []string{"Content-Type", "application/json", "Content-Encoding", "gzip"}, 415, "unsupported_media_type", ""},
	{"more than 1 MB is refused", contact(ann, anns, quoted(strings.Repeat("m", 1<<20))), jsonType, 413, "too_large", ""},
	{"an Idempotency-Key ends at 255 characters", contact(ann, anns, hello), append(jsonType, "Idempotency-Key", strings.Repeat("k", 256)), 400, "invalid", ""},
}

func longEmail(length int) string {
	const end = ".example.com"
	local, label := strings.Repeat("a", 60)+"@", strings.Repeat("b", 60)+"."
	domain := strings.Repeat(label, 4)
	return local + domain[:length-len(local)-len(end)] + end
}

func gzipped(s string) string {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write([]byte(s)); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := writer.Close(); err != nil {
		panic(err)
	}
	return packed.String()
}

func TestBadContactInputIsRefusedAndStoresNothing(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for _, in := range refused {
		t.Run(in.name, func(t *testing.T) {
			answer := app.Do(http.MethodPost, "/api/contact", in.body, in.headers...)
			if answer.Status != in.status {
				t.Fatalf("got %d %s, want %d", answer.Status, answer.Body, in.status)
			}
			wantEnvelope(t, answer, in.code)
			message := answer.JSON()["message"].(string)
			if in.status == http.StatusBadRequest && !strings.HasPrefix(message, "Error sending message: ") {
				t.Errorf("docs/contract.md words it otherwise: %q", message)
			}
			faults, _ := answer.JSON()["errors"].(map[string]any)
			if in.field != "" && faults[in.field] == nil {
				t.Errorf("errors does not name %s: %s", in.field, answer.Body)
			}
			wantNoInternals(t, answer)
			if messages, mails := stored(t, app); messages+mails > 0 {
				t.Errorf("%d messages and %d mails are stored", messages, mails)
			}
		})
	}
	if mails := app.Mails.Accepted(); len(mails) > 0 {
		t.Errorf("%d mails went out", len(mails))
	}
}

// wantNoInternals looks for what only we should see.
func wantNoInternals(t *testing.T, answer handlerstest.Answer) {
	t.Helper()
	for _, inside := range []string{".go:", "goroutine", "SQLSTATE", "SELECT", "INSERT", "json:", "digitalpath/", "unmarshal"} {
		if strings.Contains(answer.Body, inside) {
			t.Errorf("the answer shows %q: %s", inside, answer.Body)
		}
	}
}

// taken are inputs at the edge of what is allowed; each is stored as it says.
var taken = []struct {
	what, body          string
	contentType         string
	name, mail, message string
}{
	{"of a key that comes twice the last counts", `{"name":"Eve",` + contact(ann, anns, hello)[1:], "application/json", "Ann", "ann@example.com", "Hello"},
	{"keys in another case are unknown fields", `{"EMAIL":"eve@example.com","Name":"Eve",` + contact(ann, anns, hello)[1:], "application/json", "Ann", "ann@example.com", "Hello"},
	{"unknown fields are ignored", `{"id":7,"status":"sent","is_spam":true,"extra":{"a":[1]},` + contact(ann, anns, hello)[1:], "application/json", "Ann", "ann@example.com", "Hello"},
	{"200 characters of name, not bytes", contact(quoted(strings.Repeat("ñ", 200)), anns, hello), "application/json", strings.Repeat("ñ", 200), "ann@example.com", "Hello"},
	{"254 characters of e-mail", contact(ann, quoted(longEmail(254)), hello), "application/json", "Ann", longEmail(254), "Hello"},
	{"10,000 characters of message", contact(ann, anns, quoted(strings.Repeat("😀", 10_000))), "application/json", "Ann", "ann@example.com", strings.Repeat("😀", 10_000)},
	{"a charset in the content type", contact(ann, anns, hello), "application/json; charset=utf-8", "Ann", "ann@example.com", "Hello"},
	{"spaces around values are not kept", contact(`"  Ann "`, `" ann@example.com "`, `" Hello\n"`), "application/json", "Ann", "ann@example.com", "Hello"},
	{"what looks like SQL is text", contact(`"'; DROP TABLE contact_messages; --"`, anns, `"%_\\' OR 1=1"`), "application/json", "'; DROP TABLE contact_messages; --", "ann@example.com", `%_\' OR 1=1`},
	{"what looks like HTML is text", contact(`"<script>alert(1)</script>"`, anns, `"<b>bold</b>"`), "application/json", "<script>alert(1)</script>", "ann@example.com", "<b>bold</b>"},
	{"an escaped backslash before u0000 is no NUL", contact(ann, anns, `"\\u0000"`), "application/json", "Ann", "ann@example.com", `\u0000`},
}

func TestContactInputAtTheEdgeOfTheRulesIsStoredAsSent(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t)
	for i, in := range taken {
		t.Run(in.what, func(t *testing.T) {
			wantAnswer(t, app.Do(http.MethodPost, "/api/contact", in.body, "Content-Type", in.contentType), http.StatusOK, documentedThanks)
			row := app.Newest()
			if row.Name != in.name || row.Email != in.mail || row.Message != in.message || row.IsSpam {
				t.Errorf("stored %+v", row)
			}
			if messages, mails := stored(t, app); messages != int64(i+1) || mails != int64(i+1) {
				t.Errorf("%d messages and %d mails are stored, want %d of each", messages, mails, i+1)
			}
		})
	}
}

func TestCompatibilityAnswersHandledContactFailuresWith200(t *testing.T) {
	t.Parallel()
	app := handlerstest.Start(t, "DJANGO_COMPAT=1", "RATE_LIMIT_CONTACT=1/m/key")
	answer := app.PostJSON("/api/contact", contact(`""`, quoted("bob@example.com"), hello))
	if body := answer.JSON(); answer.Status != http.StatusOK || body["success"] != false || body["code"] != "invalid" {
		t.Errorf("a missing name: %d %s", answer.Status, answer.Body)
	}
	if answer := app.PostJSON("/api/contact", "{"); answer.Status != http.StatusOK || answer.JSON()["success"] != false {
		t.Errorf("malformed JSON: %d %s", answer.Status, answer.Body)
	}
	if answer := app.Do(http.MethodPost, "/api/contact", "x", "Content-Type", "text/plain"); answer.Status != http.StatusUnsupportedMediaType {
		t.Errorf("text: %d", answer.Status)
	}
	wantAnswer(t, app.PostJSON("/api/contact", contact(ann, anns, hello)), http.StatusOK, documentedThanks)
	if answer := app.PostJSON("/api/contact", contact(ann, anns, hello)); answer.Status != http.StatusTooManyRequests {
		t.Errorf("too often: %d", answer.Status)
	}
}
