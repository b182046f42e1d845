// Package projects holds the rules of the clients' projects: who sees which, how one is
// stored with its lists and members, and what of it is kept as history.
package projects
