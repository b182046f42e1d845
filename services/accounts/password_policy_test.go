package accounts

import (
	"math"
	"strings"
	"testing"

	"digitalpath/models"
	"digitalpath/problem"
)

func TestPasswordPolicyNamesEveryFault(t *testing.T) {
	ann := &models.User{Username: "annabella", FirstName: "Wilhelmina", LastName: "O'Featherstone", Email: "wintergarden@example.com"}
	for _, rule := range []struct {
		password string
		faults   string
	}{
		{"correct horse battery", ""}, {"  spaces  at both ends  ", ""}, {"Überraschung 😀", ""}, {strings.Repeat("long pass ", 409), ""}, {"8chars!x", ""}, {"😀😀😀😀😀😀😀😀", ""},
		{"", "This field is required."},
		{strings.Repeat("a1", 2049), "This password is too long. Use at most 4096 bytes."},
		{"sh0rt!x", "This password is too short. Use at least 8 characters."},
		{"ñandú", "This password is too short. Use at least 8 characters."},
		{"Password123", "This password is too common."}, {" password123 ", "This password is too common."},
		{"83920175648201", "This password is entirely numeric."},
		{"12345", "This password is too short. Use at least 8 characters. This password is too common. This password is entirely numeric."},
		{"Annabella1", "The password is too similar to the username."}, {"allebanna", "The password is too similar to the username."},
		{"annabelxyz", "The password is too similar to the username."}, {"annabewxyz", ""}, // 14 of 19 letters, 12 of 19
		{"wilhelmina9", "The password is too similar to the first name."}, {"FEATHERSTONE", "The password is too similar to the last name."},
		{"wintergarden7", "The password is too similar to the e-mail address."}, {"example7", "The password is too similar to the e-mail address."},
	} {
		fields := problem.Fields{}
		CheckPassword(fields, "password", rule.password, ann)
		var faults []string
		for _, fault := range fields["password"] {
			faults = append(faults, fault.String())
		}
		if got := strings.Join(faults, " "); got != rule.faults {
			t.Errorf("%.30q: %q, want %q", rule.password, got, rule.faults)
		}
	}
}

// The ratios are those of Python's difflib.SequenceMatcher(a=a, b=b).quick_ratio(); it
// is 0 here where the lengths alone rule out what the policy asks for.
func TestSimilarityIsDifflibs(t *testing.T) {
	for _, pair := range []struct {
		a, b string
		want float64
	}{
		{"abcdefg", "abcdefghij", 0.8235294117647058}, {"annabella1", "annabella", 0.9473684210526315}, {"gfedcba1", "abcdefg", 0.9333333333333333},
		{"wxyzabcd", "abcdwxyz", 1}, {"ééééabcd", "abcdéééé", 1}, {"abcdefghij", "abcdefgxyz", 0.7}, {"abcdefghij", "abcdefxyzw", 0.6},
		{"abcdefghijklmnop", "abc", 0}, {"ann-lee-x", "ann", 0},
	} {
		if got := similarity(pair.a, pair.b); math.Abs(got-pair.want) > 1e-9 {
			t.Errorf("%s and %s: %v, want %v", pair.a, pair.b, got, pair.want)
		}
	}
}

func TestAddressThatLowerCasingCouldTurnIntoAnothersIsNotPlain(t *testing.T) {
	for address, plain := range map[string]bool{
		"ann@example.com": true, "Ann.Lee+news@EXAMPLE.com": true,
		"\u212aim@example.com": false, "ann@exämple.com": false, "ann@": false, "": false, // the Kelvin sign
	} {
		if plainEmail(address) != plain {
			t.Errorf("%q: %v", address, !plain)
		}
	}
}

func TestUsernameIsMadeOfWhatOneMayHold(t *testing.T) {
	for from, want := range map[string]string{"ann.lee+x": "ann.lee+x", "ann lee/7": "annlee7", "ann@home": "annhome", "Zoë": "Zoë", "/ \n": "user", "": "user"} {
		if got := usernameLetters(from); got != want {
			t.Errorf("%q: %q, want %q", from, got, want)
		}
	}
}
