package admin

import (
	"context"

	"digitalpath/models"
)

// Input says how a column is filled in where its type doesn't.
type Input struct {
	Help     string
	NewHelp  string // instead of Help while the row is still to be added
	Password bool   // never shown, only set
	Ref      string // slug of the model whose row's id this is; typed as that model's Key
	// Options are what a list of ids may hold, ticked one by one.
	Options func(context.Context) ([]models.Choice, error)
	// Permissions makes a list of texts the table of what may be done with which model.
	Permissions bool
}
