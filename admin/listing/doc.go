// Package listing holds the state of a list and reads it: which rows of a table, in which
// order, and how many there are. Its queries cost the same on any table: counts stop at
// CountCap, and paging goes from row to row by cursor. What the URL spells and what the
// page shows is the engine's.
package listing
