// Package services holds the rules, one story per file. An exported method owns
// its transaction; what a person may see of an error is a *problem.Problem. There
// is no HTTP, no Redis and no HTML here.
package services
