package doctor

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"digitalpath/models"
)

// cors tells whether the browser of a frontend may call the API: the one of origin or,
// where that is empty, the one that the mails lead to.
func (d *Doctor) cors(origin string) Finding {
	asked := origin
	if asked == "" {
		asked = d.Config.FrontendURL.String()
	}
	site, err := url.Parse(asked)
	if err != nil || site.Host == "" || site.Scheme != "http" && site.Scheme != "https" {
		return failed("%q is no origin.", asked).mend("digitalpath doctor --origin https://example.com")
	}
	standardPort := map[string]string{"http": ":80", "https": ":443"}[site.Scheme]
	sent := site.Scheme + "://" + strings.ToLower(strings.TrimSuffix(site.Host, standardPort))
	if slices.Contains(d.Config.CORSOrigins, sent) {
		return ok("A browser at %s may call the API.", sent)
	}
	f := failed("A browser at %s may not call the API.", sent)
	if origin == "" && d.Config.Debug {
		f.State = Warning
	}
	return f.mend("CORS_ALLOWED_ORIGINS=%s", d.allowing(sent))
}

// refusedShown is how many refused websites are told of.
const refusedShown = 10

// origins tells which websites' browsers were refused, and the line that lets one in. It
// is for people to say which are theirs: nothing is wrong where a stranger is refused.
func (d *Doctor) origins(ctx context.Context) []Finding {
	refused, err := d.Origins.Newest(ctx, d.Config.CORSOrigins)
	if err != nil {
		return nil // the database's finding tells it
	}
	var findings []Finding
	for _, one := range refused[:min(len(refused), refusedShown)] {
		f := ok("A browser at %s was refused: %d requests, the last at %s. If that website is yours, let it in.", one.Origin, one.Requests, one.LastAt.UTC().Format(time.RFC3339))
		if d.Config.Debug {
			f.State = Warning
		}
		findings = append(findings, f.mend("CORS_ALLOWED_ORIGINS=%s", d.allowing(one.Origin)))
	}
	return findings
}

// allowing are the allowed origins with one more.
func (d *Doctor) allowing(origin string) string {
	return strings.Join(append(slices.Clone(d.Config.CORSOrigins), origin), ",")
}

// Token says why a token is refused, or nothing where it is empty. It keeps nothing of it.
func (d *Doctor) Token(ctx context.Context, token string) []Finding {
	return run(ctx, []check{d.aboutToken(token)})
}

func (d *Doctor) aboutToken(token string) check {
	return check{name: "token", what: "Token", run: func(ctx context.Context) []Finding { return d.token(ctx, token) }}
}

func (d *Doctor) token(ctx context.Context, token string) []Finding {
	if token == "" {
		return nil
	}
	fault, err := d.Tokens.Diagnose(ctx, token)
	switch {
	case err != nil:
		return nil // the database's finding tells it
	case fault == nil:
		return []Finding{ok("The token is good.")}
	}
	return []Finding{{State: Failed, Evidence: fault.Why, Remedy: fault.Remedy}}
}

// social tells of each provider whether it knows our credentials, and what to enter in
// its console.
func (d *Doctor) social(ctx context.Context) []Finding {
	var findings []Finding
	for _, provider := range []struct {
		name         models.SocialProvider
		variable, id string
	}{{models.Google, "GOOGLE", d.Config.GoogleID}, {models.GitHub, "GITHUB", d.Config.GitHubID}} {
		callback := d.callbackURL(provider.name)
		if provider.id == "" {
			findings = append(findings, ok("%s is turned off. To turn it on, enter %s in its console, and set %s_CLIENT_ID and %s_CLIENT_SECRET.",
				provider.name.Label(), callback, provider.variable, provider.variable))
			continue
		}
		known, err := d.Provider(ctx, string(provider.name))
		switch {
		case err != nil:
			findings = append(findings, failed("%s does not answer: %s", provider.name.Label(), models.Reason(err)).mend("curl -sI https://accounts.google.com https://github.com"))
		case !known:
			findings = append(findings, failed("%s does not know these credentials.", provider.name.Label()).
				mend("%s_CLIENT_ID=...\n%s_CLIENT_SECRET=...", provider.variable, provider.variable))
		default:
			findings = append(findings, ok("%s knows these credentials. Its console must have the redirect address %s", provider.name.Label(), callback))
		}
	}
	if d.Config.BackendURL.Host == "" && !d.Config.Debug && (d.Config.GoogleID != "" || d.Config.GitHubID != "") {
		findings = append(findings, warn("BACKEND_URL is not set: the redirect address is made of the host that a browser asks for.").mend("BACKEND_URL=%s", d.Config.OwnURL()))
	}
	return findings
}

func (d *Doctor) callbackURL(provider models.SocialProvider) string {
	base := "http://localhost:" + strconv.Itoa(int(d.Config.Port))
	if d.Config.BackendURL.Host != "" || !d.Config.Debug {
		base = d.Config.OwnURL()
	}
	return base + "/accounts/" + string(provider) + "/login/callback/"
}
