package config

import (
	"os"
	"strings"
	"testing"
)

// inFolderWith makes a folder with this .env the working directory.
func inFolderWith(t *testing.T, dotenv string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(".env", []byte(dotenv), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What a line says is its value as the Django program had it, which used
// python-decouple or django-environ: Django's keys hold $, # and brackets. A warning
// names a secret with a comment behind it, and what the two would read otherwise.
func TestDotenvValueIsWhatDjangoRead(t *testing.T) {
	for _, test := range []struct{ line, password, warning string }{
		{`EMAIL_HOST_PASSWORD=(a$1b)`, `(a$1b)`, ""},
		{`EMAIL_HOST_PASSWORD=a$(b$_c${HOME}$$d$`, `a$(b$_c${HOME}$$d$`, ""},
		{`EMAIL_HOST_PASSWORD=a$EMAIL_HOST`, `a$EMAIL_HOST`, ""},
		{`EMAIL_HOST_PASSWORD="a$1b ${EMAIL_HOST} # c"`, `a$1b ${EMAIL_HOST} # c`, ""},
		{`EMAIL_HOST_PASSWORD=" a b "`, ` a b `, ""},
		{`EMAIL_HOST_PASSWORD='a'b'`, `a'b`, ""},
		{`EMAIL_HOST_PASSWORD="a`, `"a`, ""},
		{`EMAIL_HOST_PASSWORD=#a#b$`, `#a#b$`, ""},
		{`EMAIL_HOST_PASSWORD=a'b"c`, `a'b"c`, ""},
		{`EMAIL_HOST_PASSWORD=a=b==`, `a=b==`, ""},
		{`#EMAIL_HOST_PASSWORD=a # off`, ``, ""},
		{`EMAIL_HOST_PASSWORD=abcd #efgh`, `abcd #efgh`, "# and what follows it"},
		{`EMAIL_HOST_PASSWORD=a=b== # sample # of many`, `a=b== # sample # of many`, "# and what follows it"},
		{"EMAIL_HOST_PASSWORD=a\t# see #12\r", "a\t# see #12", "# and what follows it"},
		{`EMAIL_HOST_PASSWORD='a$1b ${EMAIL_HOST} # c' # sample`, `a$1b ${EMAIL_HOST} # c`, "in another way"},
		{`EMAIL_HOST_PASSWORD="a" # see "b"`, `a`, "in another way"},
		{`EMAIL_HOST_PASSWORD= # to be set # some day`, ``, "in another way"},
		{`EMAIL_HOST_PASSWORD="a\"b"`, `a\"b`, "in another way"},
		{`EMAIL_HOST_PASSWORD='"a"'`, `"a"`, "in another way"},
		{`EMAIL_HOST_PASSWORD = a`, `a`, "in another way"},
		{` EMAIL_HOST_PASSWORD=a `, `a`, "in another way"},
		{`export EMAIL_HOST_PASSWORD=a`, `a`, "in another way"},
		{`DJANGO_DEBUG=1  # 0 for production`, ``, ""},
		{`EMAIL_HOST="mail.example.com"  # ours`, ``, ""},
		{`OTHERS_PASSWORD = a\b # c`, ``, ""},
	} {
		t.Run(test.line, func(t *testing.T) {
			inFolderWith(t, "\ufeffDJANGO_DEBUG=1  # 0 for production\nEMAIL_HOST=mail.example.com # ours\n"+test.line+"\nEMAIL_PORT=2525")
			c, err := FromEnv(nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.EmailPassword != test.password || c.EmailHost != "mail.example.com" || c.EmailPort != 2525 {
				t.Errorf("got %q at %s:%d, want %q", c.EmailPassword, c.EmailHost, c.EmailPort, test.password)
			}
			all := strings.Join(c.Warnings, "\n")
			if test.warning == "" && all != "" || !strings.Contains(all, test.warning) || test.warning != "" && !strings.Contains(all, "EMAIL_HOST_PASSWORD") {
				t.Errorf("the warnings are %q, want %q", all, test.warning)
			}
		})
	}
}

// Both of Django's libraries pass over such lines.
func TestDotenvLineWithoutAValueIsAWarningThatShowsNothing(t *testing.T) {
	inFolderWith(t, "DJANGO_DEBUG=1\nTHIS IS NOT\n\n# mail\nhunter2")
	c, err := FromEnv(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(c.Warnings, "\n")
	if !strings.Contains(all, ".env, line 2 ") || !strings.Contains(all, ".env, line 5 ") || strings.Contains(all, "hunter2") || strings.Contains(all, "THIS") {
		t.Errorf("the warnings are %q", all)
	}
}

func TestDotenvOfAnotherEncodingIsRefusedAndShowsNothing(t *testing.T) {
	for _, file := range []string{"\xff\xfeP\x00O\x00R\x00T\x00=\x005\x00", "P\x00O\x00R\x00T\x00=\x005\x00", "EMAIL_HOST_PASSWORD=sec\xf1ret\n"} {
		inFolderWith(t, file)
		if _, err := FromEnv(nil); err == nil || !strings.Contains(err.Error(), ".env is not a text of UTF-8") || strings.Contains(err.Error(), "sec") {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func TestEnvironmentWinsOverDotenv(t *testing.T) {
	inFolderWith(t, "DJANGO_DEBUG=1\nEMAIL_HOST=file.example.com\nEMAIL_HOST_USER=file@example.com\nEMAIL_HOTS=x\n")
	c, err := FromEnv([]string{"EMAIL_HOST=real.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if c.EmailHost != "real.example.com" || c.EmailUser != "file@example.com" {
		t.Errorf("got %s and %s", c.EmailHost, c.EmailUser)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "EMAIL_HOTS") {
		t.Errorf("the misspelt line of .env is passed over: %q", c.Warnings)
	}
}
