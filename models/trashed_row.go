package models

import (
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"digitalpath/problem"
)

// TrashedRow is a deleted row with everything that went with it, so that it can be
// restored as it was.
type TrashedRow struct {
	bun.BaseModel `bun:"table:trash,alias:trash"`

	ID          int64           `bun:"id,pk,autoincrement"`
	Model       string          `bun:"model,type:varchar(50)"` // slug
	ObjectID    int64           `bun:"object_id"`
	ObjectLabel string          `bun:"object_label,type:varchar(255)"`
	Snapshot    json.RawMessage `bun:"snapshot,type:jsonb"` // services/records/snapshot.go says of what shape
	Act         string          `bun:"act,nullzero,type:varchar(26)"`
	Username    string          `bun:"username,type:varchar(150)"` // who deleted it
	DeletedAt   time.Time       `bun:"deleted_at,type:timestamptz"`
}

// DeleteEffect is what becomes of a row when one that it names is deleted.
type DeleteEffect string

// The effects of foreign keys; the zero value forbids to delete.
const (
	DeletedToo     DeleteEffect = "deleted"
	LosesReference DeleteEffect = "kept"
)

// Refusal is a row that something cannot be done with, and why.
type Refusal struct {
	ID    int64
	Label string
	Why   *problem.Problem
}

// RelatedCap is where counting what is related stops.
const RelatedCap = 1000

// Related is how many rows of a table the deletion of others has an effect on.
type Related struct {
	Table  string
	Count  int
	More   bool // than Count
	Effect DeleteEffect
}
