package models

import (
	"time"

	"github.com/uptrace/bun"
)

// RefusedOrigin is a website whose browsers were refused the API, because
// CORS_ALLOWED_ORIGINS lacks it.
type RefusedOrigin struct {
	bun.BaseModel `bun:"table:refused_origins,alias:refused_origin"`

	Origin   string    `bun:"origin,pk,type:varchar(255)"`
	Requests int64     `bun:"requests"`
	LastAt   time.Time `bun:"last_at,type:timestamptz"`
}
