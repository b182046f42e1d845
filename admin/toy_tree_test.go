package admin_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"digitalpath/admin"
	"digitalpath/services/records"
)

const nodesURL = "/admin/nodes/"

// node refers to its own table twice: it goes with its parent, and its friend may go.
type node struct {
	bun.BaseModel `bun:"table:nodes,alias:node"`

	ID       int64           `bun:"id,pk,autoincrement"`
	Label    string          `bun:"label,type:varchar(50),unique" validate:"required"`
	ParentID *int64          `bun:"parent_id"`
	FriendID *int64          `bun:"friend_id"`
	Day      time.Time       `bun:"day,type:date,nullzero"`
	Extra    json.RawMessage `bun:"extra,type:jsonb,nullzero"`
	Tags     []string        `bun:"tags,type:jsonb,nullzero"`
	Parent   *node           `bun:"rel:belongs-to,join:parent_id=id" json:"-" validate:"-"`
	Friend   *node           `bun:"rel:belongs-to,join:friend_id=id" json:"-" validate:"-"`
}

// treeSite is a back office that has nodes, too: a root with two generations below it, and
// a pal whose friend is the root.
func treeSite(t *testing.T) *testSite {
	t.Helper()
	d := sampleSite(t)
	if _, err := d.db.NewCreateTable().Model((*node)(nil)).ForeignKey("(parent_id) REFERENCES nodes (id) ON DELETE CASCADE").
		ForeignKey("(friend_id) REFERENCES nodes (id) ON DELETE SET NULL").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.site.Register(&admin.Model[node]{
		Slug: "nodes", Name: "Node", Plural: "Nodes", List: []string{"label", "parent.label"}, Filters: []string{"parent_id", "label", "parent.label", "friend.label"}, Search: []string{"label"}, Unindexed: true,
		Fieldsets: []admin.Fieldset{{Title: "Node", Fields: []string{"label", "parent_id", "friend_id", "day", "extra", "tags"}}},
		Inputs:    map[string]admin.Input{"parent_id": {Ref: "nodes"}, "friend_id": {Ref: "nodes"}}, Rows: records.Of[node](d.db),
	})
	d.mount(t)
	for _, form := range []string{"label=root", "label=kid&parent_id=root", "label=grandkid&parent_id=kid", "label=pal&friend_id=root"} {
		values, _ := url.ParseQuery(form)
		d.mustPost(nodesURL+"add/", values)
	}
	return d
}

// tree is the nodes as "label<parent>friend".
func (d *testSite) tree() string {
	d.t.Helper()
	var rows []node
	if err := d.db.NewSelect().Model(&rows).Order("id").Scan(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	labels, all := map[int64]string{}, make([]string, len(rows))
	for i, row := range rows {
		labels[row.ID], all[i] = row.Label, row.Label
	}
	for i, row := range rows {
		if row.ParentID != nil {
			all[i] += "<" + labels[*row.ParentID]
		}
		if row.FriendID != nil {
			all[i] += ">" + labels[*row.FriendID]
		}
	}
	return strings.Join(all, " ")
}

func TestTreeIsDeletedAndRestoredWhole(t *testing.T) {
	t.Parallel()
	d, yes := treeSite(t), url.Values{"confirm": {"yes"}}
	whole := d.tree()
	asked := strings.Join(strings.Fields(d.get(nodesURL+"1/delete/").Find("main").Text()), " ")
	if !strings.Contains(asked, "Nodes: 2") || !strings.Contains(asked, "Nodes: 1, which stay but name it no more") {
		t.Errorf("what goes with the root: %s", asked)
	}
	d.mustPost(nodesURL+"1/delete/", yes)
	if got := d.tree(); got != "pal" {
		t.Errorf("left are %s", got)
	}
	if d.mustPost(d.last(), nil); d.tree() != whole {
		t.Errorf("Undo brought back %s: %s", d.tree(), d.last())
	}
	d.mustPost(nodesURL, url.Values{"action": {"delete"}, "id": {"1", "2", "3", "4"}, "confirm": {"yes"}})
	if d.mustPost(d.last(), nil); d.tree() != whole {
		t.Errorf("Undo of all brought back %s: %s", d.tree(), d.last())
	}
	for _, id := range []string{"4", "2", "1"} { // what names another before that
		d.mustPost(nodesURL+id+"/delete/", yes)
	}
	ids := d.get(nodesURL + "trash/").Find("input[name=id]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("value", "") })
	if d.mustPost(nodesURL+"trash/", url.Values{"action": {"restore"}, "id": ids}); d.tree() != whole {
		t.Errorf("restored are %s: %s", d.tree(), d.last())
	}
}

func TestReferenceToNothingIsRefusedBesideItsControl(t *testing.T) {
	t.Parallel()
	d := treeSite(t)
	gone := "#9999"
	refused := func(p *page, control string) {
		t.Helper()
		if field := p.Find("[data-field='" + control + "']"); p.status != http.StatusBadRequest || !strings.Contains(field.Text(), "Choose one of the options.") || field.Find("input[name='"+control+"']").AttrOr("value", "") != gone {
			t.Errorf("%s: %d %s", control, p.status, strings.Join(strings.Fields(p.Find("main").Text()), " "))
		}
	}
	refused(d.post(nodesURL+"2/", typed(d.get(nodesURL+"2/"), "friend_id", gone)), "friend_id")
	refused(d.post(nodesURL, url.Values{"action": {"edit"}, "id": {"2", "3"}, "edit": {"friend_id"}, "set.friend_id": {gone}, "preview": {"1"}}), "set.friend_id")

	// A version of before, and an undo, whose friend is deleted since.
	d.mustPost(nodesURL, url.Values{"action": {"edit"}, "id": {"2", "3"}, "edit": {"friend_id"}, "set.friend_id": {""}, "confirm": {"yes"}})
	d.mustPost(nodesURL, url.Values{"action": {"edit"}, "id": {"2", "3"}, "edit": {"friend_id"}, "set.friend_id": {"pal"}, "confirm": {"yes"}})
	d.mustPost(nodesURL, url.Values{"action": {"edit"}, "id": {"2", "3"}, "edit": {"friend_id"}, "set.friend_id": {"root"}, "confirm": {"yes"}})
	undo := d.last()
	d.mustPost(nodesURL+"4/delete/", url.Values{"confirm": {"yes"}})
	if d.mustPost(undo, nil); !strings.Contains(d.last(), "0 undone. 2 were changed since") || d.tree() != "root kid<root>root grandkid<kid>root" {
		t.Errorf("an undo to what is gone: %s, %s", d.last(), d.tree())
	}
	version := d.get(nodesURL+"2/history/").Find("a[href*='?version=']").Eq(1).AttrOr("href", "")
	form := typed(d.get(version))
	gone = form.Get("friend_id")
	refused(d.post(nodesURL+"2/", form), "friend_id")
}

func TestWhatNoEngineGivesBackIsRefused(t *testing.T) {
	t.Parallel()
	d := treeSite(t)
	for name, texts := range map[string][]string{"extra": {"0", "-1.5e3", "{"}, "day": {"0001-01-01", "0000-01-01"}} {
		for _, text := range texts {
			if p := d.post(nodesURL+"1/", typed(d.get(nodesURL+"1/"), name, text)); p.status != http.StatusBadRequest || p.Find("#"+name).AttrOr("aria-invalid", "") != "true" {
				t.Errorf("%s = %s: %d", name, text, p.status)
			}
		}
	}
	for i, text := range []string{`{"a": 1}`, `[]`, `true`, `"5"`, `null`} {
		d.mustPost(nodesURL+"1/", typed(d.get(nodesURL+"1/"), "extra", text))
		d.mustPost(nodesURL+"1/", typed(d.get(nodesURL+"1/"), "label", "root "+strconv.Itoa(i)))
	}
	d.mustPost(nodesURL+"1/", typed(d.get(nodesURL+"1/"), "extra", `{"a": [1, "b"]}`))
	told := d.stored("history_entries", "model = 'nodes'")
	d.mustPost(nodesURL+"1/", typed(d.get(nodesURL+"1/")))
	if history := d.get(nodesURL + "1/history/").Find("main").Text(); d.stored("history_entries", "model = 'nodes'") != told || !strings.Contains(history, `{"a":[1,"b"]}`) {
		t.Errorf("the history of JSON: %s", history)
	}
}

// A filter by reference offers the first rows, and takes any other by its name or id.
func TestListIsFilteredByAnyRowThatAReferenceLeadsTo(t *testing.T) {
	t.Parallel()
	d := treeSite(t)
	if list := d.get(nodesURL); list.Find("input[name=parent_id]").Length() != 0 {
		t.Error("a search for what is offered anyway")
	}
	var rows []node
	for i := range 60 {
		rows = append(rows, node{Label: "a" + strconv.Itoa(100+i)})
	}
	rows = append(rows, node{Label: "zebra foal", ParentID: new(int64)})
	*rows[60].ParentID = 1
	rows = append(rows, node{Label: "twin"}, node{Label: "Twin"})
	if _, err := d.db.NewInsert().Model(&rows).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := d.get(nodesURL)
	if list.Find("input[name=parent_id]").Length() != 1 || list.has("root 2") {
		t.Errorf("the filter offers %s", list.Find("details").Text())
	}
	for _, value := range []string{"root", "ROOT", "1", "%231"} {
		found := d.get(nodesURL + "?parent_id=" + value + "&q=zebra")
		if strings.Join(found.names(), " ") != "zebra foal" || !strings.Contains(found.Find("details summary").Text(), "root") {
			t.Errorf("parent_id=%s finds %q", value, found.names())
		}
	}
	for _, value := range []string{"nobody", "TWIN"} {
		if found := d.get(nodesURL + "?parent_id=" + value); !strings.Contains(found.body, "“"+value+"” is left out: no row is called that, or several are") {
			t.Errorf("%s, which does not tell one row, narrows the list, or is not told of", value)
		}
	}
	d.mustPost(nodesURL, url.Values{"action": {"delete"}, "all": {"1"}, "parent_id": {"root"}, "confirm": {"yes"}})
	if left := d.stored("nodes", "1 = 1"); left != 64 { // kid, grandkid and foal are gone
		t.Errorf("%d nodes are left", left)
	}
}

// Columns of several rows that are called alike are counted apart, also where the list is
// not filtered by the reference itself.
func TestColumnsOfOtherRowsAreFiltersBesideTheRowsOwn(t *testing.T) {
	t.Parallel()
	d := treeSite(t)
	for filter, want := range map[string]string{
		"parent.label=any": "grandkid kid", "parent.label=none": "pal root", "friend.label=any": "pal", "label=any&friend.label=none&parent.label=none": "root", "q=kid&parent.label=any": "grandkid kid",
	} {
		p := d.get(nodesURL + "?" + filter)
		if got := strings.Join(p.names(), " "); got != want || !strings.Contains(strings.Join(strings.Fields(p.Find("details").Text()), " "), "Filled in") {
			t.Errorf("%s leaves %q, want %q", filter, got, want)
		}
	}
}

// An empty list is as one that is null to who edits many rows: none of them changes.
func TestEmptyListIsNoChangeOfNone(t *testing.T) {
	t.Parallel()
	d := treeSite(t)
	if _, err := d.db.NewRaw("UPDATE nodes SET tags = NULL WHERE id <= 2").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	edit := url.Values{"action": {"edit"}, "id": {"1", "2", "3"}, "edit": {"tags"}, "set.tags": {""}, "confirm": {"yes"}}
	if d.mustPost(nodesURL, edit); d.last() != "0 changed." {
		t.Errorf("emptied: %s", d.last())
	}
	edit.Set("set.tags", "red")
	if d.mustPost(nodesURL, edit); d.stored("history_entries", "model = 'nodes' AND action = 'changed'") != 3 {
		t.Error("filled in, not all changed")
	}
}

func TestNothingIsAskedAboutNoRows(t *testing.T) {
	t.Parallel()
	d := treeSite(t)
	for _, action := range []string{"edit", "delete"} {
		if d.mustPost(nodesURL, url.Values{"action": {action}, "all": {"1"}, "q": {"nobody"}}); d.last() != "Nothing matches." {
			t.Errorf("%s of none: %s", action, d.last())
		}
	}
}
