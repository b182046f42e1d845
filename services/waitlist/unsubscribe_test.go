package waitlist

import (
	"net/url"
	"testing"
)

// People may leave by any mail that they ever got, whatever the secret is by now.
func TestUnsubscribeLinkOutlivesItsSecretWhileThatIsNamed(t *testing.T) {
	link, err := url.Parse(NewUnsubscribeLinks("https://api.example.com", "former").URL("ann@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	token := link.Query().Get("token")
	for _, test := range []struct {
		address string
		secrets []string
		good    bool
	}{
		{"ann@example.com", []string{"former"}, true}, {"ann@example.com", []string{"new", "former"}, true},
		{"ann@example.com", []string{"new"}, false}, {"bob@example.com", []string{"new", "former"}, false},
	} {
		if err := NewUnsubscribeLinks("", test.secrets...).Check(test.address, token); (err == nil) != test.good {
			t.Errorf("%s with %v: %v", test.address, test.secrets, err)
		}
	}
}
