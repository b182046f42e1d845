package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"digitalpath/models"
)

func TestARefusedSaveIsStillUnsaved(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	if o.get(here).Find("#form[data-unsaved]").Length() != 0 {
		t.Error("a page that is just opened says that it is not saved")
	}
	if p := o.post(here, typed(o.get(here), "progress", "165")); p.status != http.StatusBadRequest || p.Find("#form[data-unsaved]").Length() != 1 {
		t.Errorf("a refused save: %d, %d", p.status, p.Find("#form[data-unsaved]").Length())
	}
}

func TestAConflictNamesWhoSavedAndWhen(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	mine := o.get(here)
	o.user = &models.User{ID: 2, Username: "bob", IsStaff: true}
	o.post(here, typed(o.get(here), "description", "theirs"))
	if p := o.post(here, typed(mine, "description", "mine")); p.status != http.StatusConflict || !strings.Contains(p.Find("[role=alert]").Text(), "bob saved this meanwhile (") {
		t.Errorf("%d: %s", p.status, p.Find("[role=alert]").Text())
	}
}

func TestMoreInlineRowsThanAFormHoldsAreRefusedAndKept(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	form := typed(o.get(here))
	for i := 2; i < 620; i++ {
		form.Set(fmt.Sprintf("data_sources.%d.id", i), "")
		form.Set(fmt.Sprintf("data_sources.%d.name", i), fmt.Sprintf("Source %d", i))
	}
	p := o.post(here, form)
	summary := p.Find("[role=alert]")
	if p.status != http.StatusBadRequest || !strings.Contains(summary.Text(), "620 rows; at most 500") || summary.Find("a[href='#data_sources-title']").Length() != 1 {
		t.Fatalf("%d: %s", p.status, summary.Text())
	}
	if p.value("data_sources.619.name") != "Source 619" || names(o.project(1)) != "Lake Sea" {
		t.Errorf("comes back with %q, stored %s", p.value("data_sources.619.name"), names(o.project(1)))
	}
	for i := 2; i < 620; i += 2 {
		form.Set(fmt.Sprintf("data_sources.%d.delete", i), "1")
	}
	if p := o.post(here, form); p.status != http.StatusSeeOther || len(o.project(1).DataSources) != 311 {
		t.Errorf("with fewer: %d, %d stored", p.status, len(o.project(1).DataSources))
	}
}

func TestWhoMayAddAndNotViewIsToldSoWhereTheyMayLook(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.rights = models.Rights{Granted: []string{"projects.add"}}
	for button, next := range map[string]string{"": "/admin/", "continue": "/admin/", "another": projectsURL + "add/"} {
		p := o.post(projectsURL+"add/", typed(o.get(projectsURL+"add/"), "name", "Claims", "_save", button))
		if p.header.Get("Location") != next || o.flashes[len(o.flashes)-1] != "Claims: saved." {
			t.Errorf("by %q: %d to %s with %q", button, p.status, p.header.Get("Location"), o.flashes)
		}
	}
}

func TestARowDeletedMeanwhileLosesNothingThatWasTyped(t *testing.T) {
	t.Parallel()
	o := newFormSite(t)
	o.create()
	here := projectsURL + "1/"
	mine := o.get(here)
	bob := models.WithActor(t.Context(), models.Actor{User: &models.User{ID: 2, Username: "bob", IsStaff: true}, Rights: models.Rights{All: true}})
	if _, err := o.projects.Rows().Delete(bob, []int64{1}); err != nil {
		t.Fatal(err)
	}
	p := o.post(here, typed(mine, "name", "Mine", "data_sources.0.name", "Ocean"))
	if p.status != http.StatusConflict || !strings.Contains(p.Find("[role=alert]").Text(), "bob deleted this meanwhile (") || p.value("name") != "Mine" || p.value("data_sources.0.name") != "Ocean" || p.Find("#form[data-unsaved]").Length() != 1 {
		t.Fatalf("%d %s: %s", p.status, p.value("name"), p.Find("[role=alert]").Text())
	}
	if added := o.post(here, typed(p, "_save", "new", "progress", "200")); added.status != http.StatusBadRequest || added.value("name") != "Mine" || added.Find("button[name=_save][value=new]").Length() != 1 {
		t.Errorf("a fault in what is added: %d", added.status)
	}
	added := o.post(here, typed(p, "_save", "new"))
	if added.status != http.StatusSeeOther || names(o.project(2)) != "Ocean Sea" || o.project(2).Name != "Mine" {
		t.Errorf("added as new: %d", added.status)
	}
	if nothing := o.post(projectsURL+"99/", typed(mine)); nothing.status != http.StatusNotFound {
		t.Errorf("what never was: %d", nothing.status)
	}
}
