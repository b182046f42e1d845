package doctor

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"digitalpath/models"
)

// reserved are domains that stand in no DNS (RFC 2606, RFC 6761, RFC 6762).
var reserved = []string{"test", "example", "invalid", "localhost", "local"}

// sender tells whether other mail servers can know mail of ours from a forger's: what
// the DNS says of the sender's domain. A selector names the key of its signatures.
func (d *Doctor) sender(ctx context.Context, selector string) []Finding {
	c, domain := d.Config, d.Config.MailDomain()
	if c.Mailbox || c.Console || slices.Contains(reserved, domain[strings.LastIndexByte(domain, '.')+1:]) {
		return nil
	}
	organization, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		organization = domain
	}
	// Every domain has name servers: where none are found, nothing else says anything.
	if _, err := d.NS(ctx, organization+"."); missing(err) {
		return []Finding{warn("The DNS, as this machine sees it, knows no %s.", organization).mend("DEFAULT_FROM_EMAIL=...\ndig NS %s", organization)}
	} else if err != nil {
		return []Finding{silentDNS(organization, err)}
	}
	findings := []Finding{d.spf(ctx, domain), d.dmarc(ctx, domain, organization)}
	if selector != "" {
		findings = append(findings, d.dkim(ctx, selector+"._domainkey."+domain))
	}
	return findings
}

// spf is which servers may send mail of the domain (RFC 7208).
func (d *Doctor) spf(ctx context.Context, domain string) Finding {
	records, err := d.texts(ctx, domain, "v=spf1")
	sources := "a:" + d.Config.EmailHost
	for host, include := range map[string]string{
		"gmail.com": "_spf.google.com", "office365.com": "spf.protection.outlook.com", "amazonaws.com": "amazonses.com",
		"sendgrid.net": "sendgrid.net", "mailgun.org": "mailgun.org",
	} {
		if strings.HasSuffix(d.Config.EmailHost, "."+host) {
			sources = "include:" + include
		}
	}
	switch ip := net.ParseIP(d.Config.EmailHost); {
	case ip.IsLoopback() || d.Config.EmailHost == "localhost":
		sources = "ip4:..." // where this machine is seen
	case ip.To4() != nil:
		sources = "ip4:" + d.Config.EmailHost
	case ip != nil:
		sources = "ip6:" + d.Config.EmailHost
	}
	switch {
	case err != nil:
		return silentDNS(domain, err)
	case len(records) == 0:
		return warn("%s has no SPF record: anybody may send mail in its name, and ours is taken for spam.", domain).mend(`%s. TXT "v=spf1 %s ~all"`, domain, sources)
	case len(records) > 1:
		return failed("%s has %d SPF records: with more than one none counts.", domain, len(records)).mend(`%s. TXT "%s"`, domain, merged(records))
	case strings.Contains(records[0], "+all"):
		return warn("The SPF record of %s lets every server send mail in its name.", domain).mend(`%s. TXT "%s"`, domain, strings.Replace(records[0], "+all", "~all", 1))
	}
	return ok("SPF of %s: %s", domain, records[0])
}

// merged is one SPF record that says what several do, as strictly as the first.
func merged(records []string) string {
	first := strings.Fields(records[0])
	for _, record := range records[1:] {
		for _, term := range strings.Fields(record)[1:] {
			if !slices.Contains(first, term) && !strings.HasSuffix(term, "all") {
				first = slices.Insert(first, 1, term)
			}
		}
	}
	return strings.Join(first, " ")
}

// dmarc is what others do with mail that is none of the domain's. A subdomain goes by
// its organization's where it has none (RFC 7489).
func (d *Doctor) dmarc(ctx context.Context, domain, organization string) Finding {
	records, err := d.texts(ctx, "_dmarc."+domain, "v=DMARC1")
	if err == nil && len(records) == 0 && organization != domain {
		records, err = d.texts(ctx, "_dmarc."+organization, "v=DMARC1")
	}
	switch {
	case err != nil:
		return silentDNS("_dmarc."+domain, err)
	case len(records) == 0:
		return warn("%s has no DMARC record: large providers take no quantities of mail without one.", domain).
			mend(`_dmarc.%s. TXT "v=DMARC1; p=none; rua=mailto:postmaster@%s"`, domain, domain)
	case len(records) > 1:
		return failed("%s has %d DMARC records: with more than one none counts.", domain, len(records)).mend("dig +short TXT _dmarc.%s", domain)
	}
	return ok("DMARC of %s: %s", domain, records[0])
}

// dkim is the key with which the mail server signs (RFC 6376).
func (d *Doctor) dkim(ctx context.Context, name string) Finding {
	records, err := d.texts(ctx, name, "")
	switch {
	case err != nil:
		return silentDNS(name, err)
	case !slices.ContainsFunc(records, func(record string) bool {
		_, key, found := strings.Cut(strings.ReplaceAll(record, " ", ""), "p=")
		return found && key != "" && key[0] != ';'
	}):
		return failed("There is no DKIM key at %s: signatures of the mail server count for nothing.", name).mend(`%s. TXT "v=DKIM1; k=rsa; p=..."`, name)
	}
	return ok("There is a DKIM key at %s.", name)
}

// texts are the TXT records at a name that begin with a version.
func (d *Doctor) texts(ctx context.Context, name, version string) ([]string, error) {
	records, err := d.TXT(ctx, name+".")
	if missing(err) {
		return nil, nil
	}
	return slices.DeleteFunc(records, func(record string) bool { return !strings.HasPrefix(record, version) }), err
}

// missing tells a DNS that has nothing at a name from one that does not answer.
func missing(err error) bool {
	refusal, ok := errors.AsType[*net.DNSError](err)
	return ok && refusal.IsNotFound
}

func silentDNS(name string, err error) Finding {
	return warn("The DNS does not answer about %s: %s", name, models.Reason(err)).mend("dig TXT %s", name)
}
