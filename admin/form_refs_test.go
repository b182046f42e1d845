package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"digitalpath/models"
)

// membersRow is the place of a member in the form of a project that has one already.
const membersRow = "members.1."

func TestRowsThatAreCalledAlikeAreToldApartAndKept(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		names   []string // of the users beside ada and bob, who get the ids 3, 4, ...
		choose  string   // what the form says
		id      int64    // of the user who is meant; 0: refused
		offered []string // for q=user, in the order of names
	}{
		"two of one name, the first":        {[]string{"Maria", "Maria"}, "Maria #3", 3, []string{"Maria #3", "Maria #4"}},
		"two of one name, the second":       {[]string{"Maria", "Maria"}, "Maria #4", 4, []string{"Maria #3", "Maria #4"}},
		"two of one name, neither":          {[]string{"Maria", "Maria"}, "Maria", 0, []string{"Maria #3", "Maria #4"}},
		"the id of another":                 {[]string{"Maria", "Maria"}, "Maria #2", 0, []string{"Maria #3", "Maria #4"}},
		"one name, and an id all the same":  {[]string{"Maria"}, "Maria #3", 3, []string{"Maria"}},
		"names that differ in case":         {[]string{"Maria", "maria"}, "maria", 4, []string{"Maria", "maria"}},
		"a case that nobody has":            {[]string{"Maria", "maria"}, "MARIA", 0, []string{"Maria", "maria"}},
		"a case that one has":               {[]string{"Maria", "Rosa"}, "MARIA", 3, []string{"Maria", "Rosa"}},
		"a name like an id":                 {[]string{"#1", "Rosa"}, "#1 #3", 3, []string{"#1 #3", "Rosa"}},
		"a name that begins like one":       {[]string{"#1 fan"}, "#1 fan", 3, []string{"#1 fan #3"}},
		"a name like a label":               {[]string{"Maria", "Maria", "Maria #3"}, "Maria #3", 3, []string{"Maria #3", "Maria #4", "Maria #3 #5"}},
		"the name like a label, by its own": {[]string{"Maria", "Maria", "Maria #3"}, "Maria #3 #5", 5, []string{"Maria #3", "Maria #4", "Maria #3 #5"}},
		"no name":                           {[]string{"", ""}, "#4", 4, []string{"#3", "#4"}},
		"other letters":                     {[]string{"Ñuño", "Ñuño"}, "Ñuño #4", 4, []string{"Ñuño #3", "Ñuño #4"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newFormSiteOfUsers(t, "first_name")
			for i, called := range c.names {
				user := &models.User{Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.com", i), FirstName: called, IsActive: true, DateJoined: noon}
				if _, err := o.db.NewInsert().Model(user).Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			offered := o.get("/admin/users/autocomplete/?q=user")
			for _, label := range c.offered {
				if offered.Find(fmt.Sprintf("option[value='%s']", label)).Length() != 1 {
					t.Errorf("%q is not offered once: %s", label, offered.body)
				}
			}
			o.create()
			o.chooseAndSaveAgain(c.choose, c.id)
		})
	}
}

// chooseAndSaveAgain adds a member by a name and then saves the form as it comes back:
// each time it is the one who was meant, or nobody.
func (o *formSite) chooseAndSaveAgain(name string, id int64) {
	o.t.Helper()
	here := projectsURL + "1/"
	p := o.post(here, typed(o.get(here), membersRow+"id", "", membersRow+"user_id", name, membersRow+"role", "editor"))
	if id == 0 {
		if p.status != http.StatusBadRequest || !strings.Contains(p.Find("#form").Text(), "more than one, is called that") || p.value(membersRow+"user_id") != name || len(o.project(1).Members) != 1 {
			o.t.Errorf("%q: %d, the form says %q, members %+v", name, p.status, p.value(membersRow+"user_id"), o.project(1).Members)
		}
		return
	}
	for i, change := range []string{"Saved again", "And again"} {
		if members := o.project(1).Members; len(members) != 2 || members[1].UserID != id {
			o.t.Fatalf("%q, saved %d times: %d, members %+v", name, i+1, p.status, members)
		}
		p = o.post(here, typed(o.get(here), "name", change))
		if p.status != http.StatusSeeOther || o.project(1).Name != change {
			o.t.Fatalf("saved again: %d %s", p.status, p.Find("[role=alert]").Text())
		}
	}
}

// Without a script a reference is searched for by saving: what is found is offered.
func TestUnknownNameIsRefusedWithWhatItFinds(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	p := o.post(here, typed(o.get(here), "members.1.id", "", "members.1.user_id", "bo", "members.1.role", "editor"))
	field := p.Find("[id='members.1.user_id']")
	if p.status != http.StatusBadRequest || field.AttrOr("aria-describedby", "") != "members.1.user_id-error" || p.Find("[id='members.1.user_id-error'] [data-offered]").Text() != "Found: bob" ||
		p.Find("[id='members.1.user_id-options'] option[value=bob]").Length() != 1 {
		t.Errorf("%d: %s", p.status, p.Find("[data-offered]").Text())
	}
	o.rights = models.Rights{Granted: []string{"projects.view", "projects.change"}}
	if p := o.post(here, typed(o.get(here), "members.1.id", "", "members.1.user_id", "bo", "members.1.role", "editor")); p.Find("[data-offered], datalist option").Length() != 0 {
		t.Errorf("who may not view users is offered %s", p.Find("[data-offered]").Text())
	}
}
