package config

import (
	"os"
	"strings"
	"testing"
)

// noVariable is an empty environment: what is read comes from .env.
func noVariable(string) (string, bool) { return "", false }

// inFolderWith makes a folder with this .env the working directory.
func inFolderWith(t *testing.T, dotenv string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(".env", []byte(dotenv), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMalformedDotenvIsRefusedByLineAndShowsNothing(t *testing.T) {
	for _, test := range []struct{ name, dotenv, line string }{
		{"words", "THIS IS NOT\nEMAIL_HOST_PASSWORD=hunter2\n", "line 1:"},
		{"a name alone at the end", "EMAIL_HOST=localhost\nhunter2", "line 2:"},
		{"an open quote", "EMAIL_HOST=localhost\n\n# mail\nEMAIL_HOST_PASSWORD=\"hunter2\nDEBUG=1\n", "line 4:"},
		{"text behind a quote", "EMAIL_HOST_PASSWORD='hun'ter2\nDEBUG=1\n", "line 1:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inFolderWith(t, test.dotenv)
			_, err := FromEnv(noVariable)
			if err == nil || !strings.Contains(err.Error(), ".env") || !strings.Contains(err.Error(), test.line) || !strings.Contains(err.Error(), "NAME=value") {
				t.Errorf("got %v, want the file, its %s and the remedy", err, test.line)
			}
			if err != nil && (strings.Contains(err.Error(), "ter2") || strings.Contains(err.Error(), "PASSWORD")) {
				t.Errorf("the file is shown: %v", err)
			}
		})
	}
}

// What stands in .env is the value, as python-decouple reads it: Django's keys hold
// $, # and brackets.
func TestDotenvValueIsReadAsItStands(t *testing.T) {
	for _, test := range []struct{ line, password string }{
		{`EMAIL_HOST_PASSWORD=(a$1b)`, `(a$1b)`},
		{`EMAIL_HOST_PASSWORD=a$(b$_c${HOME}$$d$`, `a$(b$_c${HOME}$$d$`},
		{`EMAIL_HOST_PASSWORD=a$EMAIL_HOST`, `a$EMAIL_HOST`},
		{`EMAIL_HOST_PASSWORD="a$1b ${EMAIL_HOST} # c"`, `a$1b ${EMAIL_HOST} # c`},
		{`EMAIL_HOST_PASSWORD='a$1b ${EMAIL_HOST} # c' # sample`, `a$1b ${EMAIL_HOST} # c`},
		{`EMAIL_HOST_PASSWORD=#a#b$`, `#a#b$`},
		{`EMAIL_HOST_PASSWORD=#a#b # sample`, `#a#b`},
		{`EMAIL_HOST_PASSWORD=a'b"c`, `a'b"c`},
		{`EMAIL_HOST_PASSWORD=a=b== # sample # of many`, `a=b==`},
		{"EMAIL_HOST_PASSWORD=a\t# see #12 # and #13\r", `a`},
		{`EMAIL_HOST_PASSWORD= # to be set # some day`, ``},
		{`export EMAIL_HOST_PASSWORD = "a b"   # sample`, `a b`},
		{`#EMAIL_HOST_PASSWORD=a # off`, ``},
	} {
		t.Run(test.line, func(t *testing.T) {
			inFolderWith(t, "DJANGO_DEBUG=1  # 0 for production\nEMAIL_HOST=mail.example.com\n"+test.line+"\nEMAIL_PORT=2525")
			c, err := FromEnv(noVariable)
			if err != nil {
				t.Fatal(err)
			}
			if c.EmailPassword != test.password || c.EmailHost != "mail.example.com" || c.EmailPort != 2525 {
				t.Errorf("got %q at %s:%d, want %q", c.EmailPassword, c.EmailHost, c.EmailPort, test.password)
			}
		})
	}
}

func TestEnvironmentWinsOverDotenv(t *testing.T) {
	inFolderWith(t, "DJANGO_DEBUG=1\nEMAIL_HOST=file.example.com\nEMAIL_HOST_USER=file@example.com\n")
	c, err := FromEnv(func(name string) (string, bool) { return "real.example.com", name == "EMAIL_HOST" })
	if err != nil {
		t.Fatal(err)
	}
	if c.EmailHost != "real.example.com" || c.EmailUser != "file@example.com" {
		t.Errorf("got %s and %s", c.EmailHost, c.EmailUser)
	}
}
