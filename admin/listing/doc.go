// Package listing holds what is pure of a list's state: what its URL spells, and how
// that is read and written back. The engine asks the database for it.
package listing
