package models

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/problem"
)

const (
	// SharedViewsSlug is what the right is about to change the views of everybody.
	SharedViewsSlug = "shared-views"
	// MaxViews is how many views of one list somebody can have, and as many everybody.
	MaxViews = 20
)

// SavedView is a list of the back office as somebody arranged it.
type SavedView struct {
	bun.BaseModel `bun:"table:saved_views,alias:saved_view"`

	ID        int64     `bun:"id,pk,autoincrement"`
	Model     string    `bun:"model,type:varchar(50)"` // slug
	Name      string    `bun:"name,type:varchar(50)" validate:"required,max=50"`
	Query     string    `bun:"query,type:text"`   // of the list's URL
	OwnerID   int64     `bun:"owner_id,nullzero"` // 0: it is everybody's
	IsDefault bool      `bun:"is_default"`        // the list opens with it for who chose no other
	CreatedAt time.Time `bun:"created_at,type:timestamptz"`
	UpdatedAt time.Time `bun:"updated_at,type:timestamptz"`
}

// SavedViewDefault is with what a list opens for somebody.
type SavedViewDefault struct {
	bun.BaseModel `bun:"table:saved_view_defaults,alias:saved_view_default"`

	ID     int64  `bun:"id,pk,autoincrement"`
	UserID int64  `bun:"user_id"`
	Model  string `bun:"model,type:varchar(50)"` // slug
	ViewID int64  `bun:"view_id,nullzero"`       // 0: as it is declared
}

// SavedViews are the views of one list.
type SavedViews struct {
	All     []SavedView // everybody's first, then one's own, by name
	Default int64       // with which the list opens; 0: as it is declared
}

// ViewsOf reads the views of a list that somebody can open.
func ViewsOf(ctx context.Context, db bun.IDB, model string, userID int64) (SavedViews, error) {
	var v SavedViews
	args := new(Args)
	err := db.NewSelect().Model(&v.All).Where("model = ?", args.Of(model)).Where("owner_id IS NULL OR owner_id = ?", args.Of(userID)).
		OrderExpr("owner_id IS NOT NULL, name, id").Scan(args.In(ctx))
	if err != nil {
		return v, fmt.Errorf("read views of %s: %w", model, err)
	}
	if len(v.All) == 0 {
		return v, nil
	}
	for _, view := range v.All {
		if view.IsDefault {
			v.Default = view.ID
		}
	}
	var chosen []SavedViewDefault
	args = new(Args)
	if err := db.NewSelect().Model(&chosen).Where("user_id = ?", args.Of(userID)).Where("model = ?", args.Of(model)).Scan(args.In(ctx)); err != nil {
		return v, fmt.Errorf("read the default view of %s: %w", model, err)
	}
	for _, c := range chosen {
		v.Default = c.ViewID
	}
	return v, nil
}

// Find is the view of an id.
func (v SavedViews) Find(id int64) (*SavedView, bool) {
	for i := range v.All {
		if v.All[i].ID == id {
			return &v.All[i], true
		}
	}
	return nil, false
}

// OpenWith lets a list open with a view for somebody; 0: as it is declared.
func OpenWith(ctx context.Context, db bun.IDB, model string, userID, viewID int64) error {
	_, err := db.NewInsert().Model(&SavedViewDefault{UserID: userID, Model: model, ViewID: viewID}).
		On("CONFLICT (user_id, model) DO UPDATE").Set("view_id = EXCLUDED.view_id").Returning("NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep the default view of %s: %w", model, err)
	}
	return nil
}

// OpenForAll lets a list open with one of everybody's views for who chose no other; 0:
// with none of them.
func OpenForAll(ctx context.Context, db bun.IDB, model string, viewID int64) error {
	if _, err := db.NewUpdate().Model((*SavedView)(nil)).Set("is_default = (id = ?)", viewID).
		Where("model = ?", model).Where("owner_id IS NULL").Exec(ctx); err != nil {
		return fmt.Errorf("keep the default view of %s for all: %w", model, err)
	}
	return nil
}

// Check refuses a view that has no name, the name of another one, or is one too many.
func (v SavedViews) Check(view *SavedView) error {
	if err := Validate(view); err != nil {
		return err
	}
	mine := 0
	for _, other := range v.All {
		if other.OwnerID != view.OwnerID || other.ID == view.ID {
			continue
		}
		if mine++; other.Name == view.Name {
			return problem.Field("name", "There is a view of this name already.")
		}
	}
	if mine >= MaxViews {
		return problem.Field("name", "There are %d views already. Delete one first.", MaxViews)
	}
	return nil
}

// Store adds a view, or changes the one of its id.
func (v SavedViews) Store(ctx context.Context, db bun.IDB, view *SavedView) error {
	if err := v.Check(view); err != nil {
		return err
	}
	var err error
	if view.ID == 0 {
		_, err = db.NewInsert().Model(view).Returning("id").Exec(ctx)
	} else {
		_, err = db.NewUpdate().Model(view).Column("name", "query", "updated_at").WherePK().Exec(ctx)
	}
	if IsUniqueViolation(err) {
		return problem.Field("name", "There is a view of this name already.")
	}
	if err != nil {
		return fmt.Errorf("store view of %s: %w", view.Model, err)
	}
	return nil
}

// DeleteView deletes a view, wherever a list opens with it.
func DeleteView(ctx context.Context, db bun.IDB, id int64) error {
	if _, err := db.NewDelete().Model((*SavedView)(nil)).Where("id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("delete view %d: %w", id, err)
	}
	return nil
}
