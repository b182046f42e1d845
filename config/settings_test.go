package config

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// settings are what a development start reads, and more, each as "NAME=value".
func settings(t *testing.T, more ...string) []string {
	t.Helper()
	t.Chdir(t.TempDir())
	return append([]string{"DJANGO_DEBUG=1"}, more...)
}

func TestMalformedSettingIsRefusedWithItsRemedy(t *testing.T) {
	for _, test := range []struct{ setting, remedy string }{
		{"EMAIL_PORT=abc", `EMAIL_PORT is "abc": set it to a whole number from 1 to 65535 (SMTP port)`},
		{"EMAIL_PORT=0", "from 1 to 65535"},
		{"PORT=65536", `PORT is "65536": set it to a whole number from 1 to 65535 (`},
		{"PORT=-1", "from 1 to 65535"},
		{"DATABASE_POOL_SIZE=0", "from 1 to 65535"},
		{"LOG_LEVEL=loud", `LOG_LEVEL is "loud": set it to debug, info, warn or error (`},
		{"MAIL_MAX_RETRIES=256", "from 0 to 255"},
		{"RETENTION_SPAM_DAYS=-1", "a whole number of days from 0 to 65535"},
		{"MAIL_RETRY_DELAY=60", "such as 90s"},
		{"MAIL_RETRY_DELAY=-5s", "60s"},
		{"EMAIL_USE_TLS=maybe", `EMAIL_USE_TLS is "maybe": set it to 1 or 0 (`},
		{"RATE_LIMIT_CONTACT=often", `RATE_LIMIT_CONTACT is "often": set it to rates such as 10/m/ip`},
		{"RATE_LIMIT_CONTACT=0/m/ip", "or off"},
		{"TRUSTED_PROXIES=proxy", "networks such as 10.0.0.0/8"},
		{"TRUSTED_PROXIES=10.0.0.0/8,10.0.0.0/33", "networks such as 10.0.0.0/8"},
		{"DATABASE_URL=sqlite://x", "sqlite:///path"},
		{"DATABASE_URL=sqlite:///", "sqlite:///path"},
		{"DATABASE_URL=mysql://u:hunter2@h/db", "postgresql://user:password@host:port/name"},
		{"DATABASE_URL=postgresql://u:hunter2@h/db?sslmode=bogus", "what follows the ?"},
		{"DATABASE_URL=postgresql://u:hunter2@h:99999/db", "postgresql://user:password@host:port/name"},
		{"CELERY_BROKER_URL=redis://:hunter2@h/xyz", "redis://host:port/0"},
		{"CELERY_BROKER_URL=redis://:hunter2@h:0/0", "redis://host:port/0"},
		{"CELERY_BROKER_URL=localhost:6379", "redis://host:port/0"},
		{"FRONTEND_URL=https://a.com?x=1", "https://example.com"},
		{"FRONTEND_URL=https://a.com/#/login", "https://example.com"},
		{"FRONTEND_URL=https://user:hunter2@a.com", "https://example.com"},
		{"FRONTEND_URL=https://user:hunter2@a.com:port", "https://example.com"},
		{"FRONTEND_URL=https://:80", "https://example.com"},
		{"FRONTEND_URL=a.com", "https://example.com"},
		{"BACKEND_URL=api.a.com", "https://api.example.com"},
		{"BACKEND_URL=https://api.a.com?", "https://api.example.com"},
		{"CORS_ALLOWED_ORIGINS=https://a.com/app", "without a path"},
		{"CORS_ALLOWED_ORIGINS=https://b.com,https://a.com/?", "without a path"},
		{"CORS_ALLOWED_ORIGINS=*", "https://example.com"},
		{"CORS_ALLOW_HEADERS=X-Tenant, X Trace", "names of headers"},
		{"ENV_ALLOWED_HOSTS=https://api.example.com", "without https://"},
		{"ENV_ALLOWED_HOSTS=api.example.com:8000", "or a port"},
		{"ENV_ALLOWED_HOSTS=*.example.com", ".example.com"},
		{"ENV_ALLOWED_HOSTS=api.example.com www.example.com", "separated by commas"},
		{"SENTRY_DSN=https://hunter2@sentry.example.com", "Client Keys"},
		{"RAILWAY_PUBLIC_DOMAIN=https://api.example.com", "without https://"},
	} {
		t.Run(test.setting, func(t *testing.T) {
			name, _, _ := strings.Cut(test.setting, "=")
			_, err := FromEnv(settings(t, test.setting))
			if err == nil || !strings.HasPrefix(err.Error(), name+" is ") || !strings.Contains(err.Error(), test.remedy) {
				t.Fatalf("got %v, want %s and %q", err, name, test.remedy)
			}
			for _, never := range []string{"hunter2", "strconv", "netip", "time:", "\n"} {
				if strings.Contains(err.Error(), never) {
					t.Errorf("%q shows %q", err, never)
				}
			}
		})
	}
}

// Who starts the program mends everything in one go.
func TestAllWrongSettingsAreNamedAtOnce(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings []string
		wrong    []string // in this order, and nothing else
	}{
		{"of every kind", []string{"EMAIL_PORT=abc", "PORT=-1", "DATABASE_URL=postgresql://u:hunter2@h/db?sslmode=bogus", "FRONTEND_URL=a.com", "EMAIL_BACKEND=pigeon", "CONTACT_RECIPIENTS=nobody"},
			[]string{"PORT", "EMAIL_PORT", "DATABASE_URL", "FRONTEND_URL", "EMAIL_BACKEND", "CONTACT_RECIPIENTS"}},
		{"what production lacks", []string{"DJANGO_DEBUG=0", "RATE_LIMIT_API=often"}, []string{"RATE_LIMIT_API", "DJANGO_SECRET_KEY", "ENV_ALLOWED_HOSTS", "DATABASE_URL"}},
		{"no fault follows from another", []string{"EMAIL_USE_TLS=maybe", "EMAIL_USE_SSL=1", "DJANGO_DEBUG=perhaps"}, []string{"DJANGO_DEBUG", "EMAIL_USE_TLS"}},
		{"a client without its secret", []string{"GOOGLE_CLIENT_ID=x", "GITHUB_CLIENT_SECRET=hunter2"}, []string{"GOOGLE_CLIENT_SECRET", "GITHUB_CLIENT_ID"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := FromEnv(settings(t, test.settings...))
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			var named []string
			for line := range strings.Lines(err.Error()) {
				name, _, _ := strings.Cut(line, " is ")
				named = append(named, name)
			}
			if !slices.Equal(named, test.wrong) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("named are %v, want %v:\n%v", named, test.wrong, err)
			}
		})
	}
}

func TestDoubtfulSettingIsAWarning(t *testing.T) {
	for _, test := range []struct{ setting, says string }{
		{"EMAIL_HOTS=smtp.example.com", "EMAIL_HOTS is set, which is not read: is EMAIL_HOST meant?"},
		{"CORS_ALLOWED_ORIGIN=https://a.com", "is CORS_ALLOWED_ORIGINS meant?"},
		{"DJANGO_SECRETKEY=hunter2", "is DJANGO_SECRET_KEY meant?"},
		{"DJANGO_SECRET_KEY=hunter2", "DJANGO_SECRET_KEY is shorter than 32 bytes"},
		{"DJANGO_SECRET_KEY=django-insecure-hunter2-hunter2-hunter2", "DJANGO_SECRET_KEY is a sample value"},
		{"DJANGO_SECRET_KEY_FALLBACKS=hunter2", "DJANGO_SECRET_KEY_FALLBACKS holds a key that is shorter"},
		{"EMAIL_PORT=465", "set EMAIL_USE_SSL=1 and EMAIL_USE_TLS=0"},
		{"EMAIL_PORT=465\nEMAIL_USE_TLS=0\nEMAIL_USE_SSL=1", ""},
		{"PATH=/bin", ""},
		{"PORTS=1", ""},
		{"EMAIL_FROM=a@example.com", ""},
		{"RAILWAY_PRIVATE_DOMAIN=x.railway.internal", ""},
	} {
		t.Run(test.setting, func(t *testing.T) {
			c, err := FromEnv(settings(t, strings.Split(test.setting, "\n")...))
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(c.Warnings, "\n")
			if test.says == "" && all != "" || !strings.Contains(all, test.says) || len(c.Warnings) > 1 || strings.Contains(all, "hunter2") {
				t.Errorf("the warnings are %q, want %q", all, test.says)
			}
		})
	}
}

func TestEveryTypeOfVariableHasItsSpelling(t *testing.T) {
	for field := range reflect.TypeFor[Config]().Fields() {
		texts := field.Type == reflect.TypeFor[string]() || field.Type == reflect.TypeFor[[]string]()
		if _, known := spelling[field.Type]; !known && !texts {
			t.Errorf("%s: say in spelling how a %s is written", field.Name, field.Type)
		}
	}
}

// What is easily written around an item is no fault of it.
func TestListsTakeBlanksAndSlashes(t *testing.T) {
	c, err := FromEnv(settings(t,
		"TRUSTED_PROXIES=10.0.0.0/8, 127.0.0.1/32 ,",
		"ENV_ALLOWED_HOSTS= api.example.com , .example.org,[::1], *",
		"CORS_ALLOWED_ORIGINS=https://a.com/, HTTPS://B.com:443 ,http://localhost:3000",
		"CONTACT_RECIPIENTS=ann@example.com , Ben <ben@example.com>",
		"RATE_LIMIT_CONTACT=10/m/ip , 3/m/key",
		"CELERY_BROKER_URL=rediss://:pw@h:6379/0?ssl_cert_reqs=none",
	))
	if err != nil {
		t.Fatal(err)
	}
	if want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}; !slices.Equal(c.TrustedProxies, want) {
		t.Errorf("proxies %v", c.TrustedProxies)
	}
	for _, list := range []struct{ got, want []string }{
		{c.AllowedHosts, []string{"api.example.com", ".example.org", "::1", "*"}},
		{c.CORSOrigins, []string{"https://a.com", "https://b.com", "http://localhost:3000"}},
		{c.ContactRecipients, []string{"ann@example.com", "Ben <ben@example.com>"}},
	} {
		if !slices.Equal(list.got, list.want) {
			t.Errorf("got %q, want %q", list.got, list.want)
		}
	}
	if len(c.RateLimitContact) != 2 {
		t.Errorf("limits %v", c.RateLimitContact)
	}
}

// Links in mails to staff must lead to a production server from anywhere.
func TestOwnAddressIsTheFirstAllowedHost(t *testing.T) {
	production := []string{"DJANGO_DEBUG=0", "DATABASE_URL=sqlite:///test.db", "DJANGO_SECRET_KEY=" + strings.Repeat("k3y-", 12)}
	for _, test := range []struct {
		name     string
		settings []string
		want     string
	}{
		{"the first that is one host", append(slices.Clone(production), "ENV_ALLOWED_HOSTS=*,.example.org,[::1],api.example.com,www.example.com"), "https://api.example.com"},
		{"none is one host", append(slices.Clone(production), "ENV_ALLOWED_HOSTS=*,.example.org"), "http://localhost:8000"},
		{"its own address is set", append(slices.Clone(production), "ENV_ALLOWED_HOSTS=api.example.com", "BACKEND_URL=https://desk.example.com/"), "https://desk.example.com"},
		{"Railway gives it", append(slices.Clone(production), "ENV_ALLOWED_HOSTS=api.example.com", "RAILWAY_PUBLIC_DOMAIN=x.up.railway.app"), "https://x.up.railway.app"},
		{"development", []string{"ENV_ALLOWED_HOSTS=api.example.com", "PORT=8001"}, "http://localhost:8001"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := FromEnv(settings(t, test.settings...))
			if err != nil {
				t.Fatal(err)
			}
			if got := c.OwnURL(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestPrintedConfigurationIsReadAsItWas(t *testing.T) {
	c, err := FromEnv(settings(t,
		"DATABASE_URL=postgresql://u:hunter2@h:5432/db?password=hunter2&sslmode=require", "CELERY_BROKER_URL=redis://:hunter2@h:6379/0",
		"CELERY_RESULT_BACKEND=redis://:hun%ter2@h", "EMAIL_HOST_PASSWORD=hunter2", "DJANGO_SECRET_KEY="+strings.Repeat("hunter2", 5),
		"TRUSTED_PROXIES=10.0.0.0/8,::1/128", "RATE_LIMIT_CONTACT=10/90s/ip,3/2d/key", "RATE_LIMIT_API=off", "LOG_LEVEL=warn",
		"FRONTEND_URL=https://a.com/app", "CONTACT_RECIPIENTS=ann@example.com,Ben <ben@example.com>", "JWT_ACCESS_TOKEN_LIFETIME=90s", "EMAIL_USE_TLS=no",
	))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(c.Lines(), "\n")
	for _, line := range []string{
		"# EMAIL_HOST_PASSWORD is set", "# GOOGLE_CLIENT_SECRET is not set", "RATE_LIMIT_CONTACT=10/90s/ip,3/2d/key", "EMAIL_USE_TLS=0",
		"DATABASE_URL=postgresql://u:xxxxx@h:5432/db?password=xxxxx&sslmode=require", "TRUSTED_PROXIES=10.0.0.0/8,::1/128",
		"EMAIL_HOST=smtp.gmail.com", "DATABASE_POOL_SIZE=20",
	} {
		if !strings.Contains(text+"\n", line+"\n") {
			t.Errorf("%q is not printed:\n%s", line, text)
		}
	}
	if strings.Contains(text, "hunter") || strings.Contains(text, "ter2") {
		t.Errorf("a password is printed:\n%s", text)
	}
	inFolderWith(t, text)
	again, err := FromEnv(nil)
	if err != nil {
		t.Fatal(err)
	}
	again.SecretKey, c.SecretKey = "same", "same"
	again.EmailPassword = "same"
	if second := strings.Join(again.Lines(), "\n"); second != text {
		t.Errorf("printed and read again:\n%s\nbefore:\n%s", second, text)
	}
}
