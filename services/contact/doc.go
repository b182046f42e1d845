// Package contact holds the rules of contact messages, from the form to the back
// office. An exported method owns its transaction; what a person may see of an error
// is a *problem.Problem.
package contact
