package admin_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"digitalpath/admin"
)

func TestGuideNamesEveryWordThatADeclarationMayHold(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/adding-a-model.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.Split(string(guide), "\n### ")
	for title, declared := range map[string][]any{
		"admin.Model":                     {admin.Model[sample]{}},
		"admin.Fieldset":                  {admin.Fieldset{}},
		"admin.Input":                     {admin.Input{}},
		"admin.Tabular and admin.Stacked": {admin.Tabular[sample]{}, admin.Stacked[sample]{}},
		"admin.Action":                    {admin.Action{}},
		"admin.Link":                      {admin.Link{}, admin.Number{}},
		"admin.Import":                    {admin.Import[sample]{}},
		"admin.Badge":                     {admin.Badge{}},
	} {
		words := ""
		for _, section := range sections {
			if strings.HasPrefix(section, title+"\n") {
				words = section
			}
		}
		for _, of := range declared {
			for _, field := range reflect.VisibleFields(reflect.TypeOf(of)) {
				if !strings.Contains(words, "`"+field.Name+"`") {
					t.Errorf("docs/adding-a-model.md does not say what %s of %s is: name it below \"### %s\"", field.Name, reflect.TypeOf(of).Name(), title)
				}
			}
		}
	}
}
