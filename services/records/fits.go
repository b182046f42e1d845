package records

import (
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Fits refuses what a declaration says of the rows that the keeper does not keep like that:
// a slug under which it records no history, and lists that are none of its children.
func (k *Keeper[T]) Fits(slug string, lists []string) error {
	if slug != k.slug() {
		return fmt.Errorf("its keeper tells history and trash of %q: set the keeper's Slug", k.slug())
	}
	var names []string
	for _, children := range k.Children {
		name, err := children.fits(k.DB)
		if err != nil {
			return err
		}
		names = append(names, name)
	}
	for _, list := range lists {
		if !slices.Contains(names, list) {
			return fmt.Errorf("inline %q is none of the keeper's Children, %q, and would not be saved", list, names)
		}
	}
	return nil
}

func (l List[P, C]) fits(db bun.IDB) (string, error) {
	return l.Name, hasColumns[C](db, l.Name, l.Key, l.Order)
}

func (s Single[P, C]) fits(db bun.IDB) (string, error) {
	return s.Name, hasColumns[C](db, s.Name, s.Key)
}

func (l Links[P, V]) fits(bun.IDB) (string, error) { return l.Name, nil }

// hasColumns refuses columns of children that their struct does not have.
func hasColumns[C any](db bun.IDB, name string, columns ...string) error {
	table := tableOf[C](db)
	for _, column := range columns {
		if _, ok := table.FieldMap[column]; !ok && column != "" {
			return fmt.Errorf("the keeper's Children %q name the column %q, which %s does not have", name, column, table.Name)
		}
	}
	return nil
}
