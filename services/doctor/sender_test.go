package doctor

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"digitalpath/config"
)

// zone answers for the DNS.
type zone map[string][]string

func (z zone) TXT(_ context.Context, name string) ([]string, error) {
	records, there := z[strings.TrimSuffix(name, ".")]
	if !there {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if len(records) == 0 {
		return nil, errors.New("server misbehaving")
	}
	return records, nil
}

// NS knows the domains that have any record.
func (z zone) NS(_ context.Context, name string) ([]*net.NS, error) {
	if _, broken := z["broken"]; broken {
		return nil, errors.New("server misbehaving")
	}
	for at := range z {
		if strings.HasSuffix("."+at, "."+strings.TrimSuffix(name, ".")) {
			return []*net.NS{{Host: "ns.example.net."}}, nil
		}
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// published enters a remedy such as `example.com. TXT "v=spf1"` in place of what is there.
func (z zone) published(remedy string) {
	name, text, _ := strings.Cut(remedy, `. TXT "`)
	z[name] = []string{strings.TrimSuffix(text, `"`)}
}

func sentBy(from, host string, records zone, selector string) []Finding {
	d := &Doctor{Config: &config.Config{EmailFrom: from, EmailHost: host}, TXT: records.TXT, NS: records.NS}
	return d.sender(context.Background(), selector)
}

const (
	spf   = "v=spf1 include:_spf.google.com ~all"
	dmarc = "v=DMARC1; p=none"
)

func TestSenderWhoseDomainVouchesForNothingIsNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name             string
		records          zone
		at               int // of the findings, the one that is not ok
		state            State
		evidence, remedy string
	}{
		{"no SPF", zone{"example.com": {"google-site-verification=x"}, "_dmarc.example.com": {dmarc}}, 0, Warning, "has no SPF record", `example.com. TXT "v=spf1 include:_spf.google.com ~all"`},
		{"two SPF", zone{"example.com": {spf, "v=spf1 a:mx.example.com -all"}, "_dmarc.example.com": {dmarc}}, 0, Failed, "has 2 SPF records", `example.com. TXT "v=spf1 a:mx.example.com include:_spf.google.com ~all"`},
		{"everybody by SPF", zone{"example.com": {"v=spf1 mx +all"}, "_dmarc.example.com": {dmarc}}, 0, Warning, "every server", `example.com. TXT "v=spf1 mx ~all"`},
		{"no DMARC", zone{"example.com": {spf}}, 1, Warning, "has no DMARC record", `_dmarc.example.com. TXT "v=DMARC1; p=none; rua=mailto:postmaster@example.com"`},
		{"two DMARC", zone{"example.com": {spf}, "_dmarc.example.com": {dmarc, "v=DMARC1; p=reject"}}, 1, Failed, "has 2 DMARC records", "dig +short TXT _dmarc.example.com"},
		{"no DKIM", zone{"example.com": {spf}, "_dmarc.example.com": {dmarc}}, 2, Failed, "no DKIM key at s1._domainkey.example.com", `s1._domainkey.example.com. TXT "v=DKIM1; k=rsa; p=..."`},
		{"a DKIM key that was taken back", zone{"example.com": {spf}, "_dmarc.example.com": {dmarc}, "s1._domainkey.example.com": {"v=DKIM1; p="}}, 2, Failed, "no DKIM key", `s1._domainkey.example.com. TXT "v=DKIM1; k=rsa; p=..."`},
		{"a DNS that is silent", zone{"example.com": {}, "_dmarc.example.com": {dmarc}}, 0, Warning, "does not answer about example.com: server misbehaving", "dig TXT example.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, there := test.records["s1._domainkey.example.com"]; !there && test.at != 2 {
				test.records["s1._domainkey.example.com"] = []string{"v=DKIM1; k=rsa; p=MIIB"}
			}
			found := sentBy("Us <us@example.com>", "smtp.gmail.com", test.records, "s1")
			for i, f := range found {
				if i != test.at && f.State != OK {
					t.Errorf("found too: %s", f.Evidence)
				}
			}
			f := found[test.at]
			if f.State != test.state || !strings.Contains(f.Evidence.String(), test.evidence) || f.Remedy.String() != test.remedy {
				t.Fatalf("got %s: %s → %s", f.State, f.Evidence, f.Remedy)
			}
			if strings.Contains(test.remedy, ". TXT ") { // it mends it
				test.records.published(f.Remedy.String())
				if f := sentBy("us@example.com", "smtp.gmail.com", test.records, "s1")[test.at]; f.State != OK {
					t.Errorf("then: %s", f.Evidence)
				}
			}
		})
	}
}

func TestSenderGoesByItsOrganization(t *testing.T) {
	t.Parallel()
	records := zone{"mail.example.co.uk": {"v=spf1 a:smtp.example.co.uk ~all"}, "_dmarc.example.co.uk": {dmarc}}
	for _, f := range sentBy("us@mail.example.co.uk", "smtp.example.co.uk", records, "") {
		if f.State != OK {
			t.Errorf("%s", f.Evidence)
		}
	}
	delete(records, "mail.example.co.uk")
	if f := sentBy("us@mail.example.co.uk", "smtp.example.co.uk", records, "")[0]; !strings.Contains(f.Remedy.String(), `"v=spf1 a:smtp.example.co.uk ~all"`) {
		t.Errorf("→ %s", f.Remedy)
	}
}

func TestSenderOfADomainThatIsNoneIsNamed(t *testing.T) {
	t.Parallel()
	for evidence, records := range map[string]zone{"knows no example.org": {"example.com": {spf}}, "does not answer about example.org": {"broken": {}}} {
		if found := sentBy("us@mail.example.org", "smtp.gmail.com", records, "s1"); len(found) != 1 || found[0].State != Warning || !strings.Contains(found[0].Evidence.String(), evidence) {
			t.Errorf("found %+v, want %s", found, evidence)
		}
	}
}

func TestSenderIsToldToNameItsOwnServer(t *testing.T) {
	t.Parallel()
	for host, source := range map[string]string{"localhost": "ip4:...", "127.0.0.1": "ip4:...", "192.0.2.7": "ip4:192.0.2.7", "2001:db8::7": "ip6:2001:db8::7", "mx.example.com": "a:mx.example.com"} {
		if f := sentBy("us@example.com", host, zone{"_dmarc.example.com": {dmarc}}, "")[0]; !strings.Contains(f.Remedy.String(), `"v=spf1 `+source+` ~all"`) {
			t.Errorf("%s: %s", host, f.Remedy)
		}
	}
}

func TestSenderThatNoDNSKnowsIsNotLookedUp(t *testing.T) {
	t.Parallel()
	if found := sentBy("us@digitalpath.test", "127.0.0.1", nil, "s1"); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}
