// Package accounts holds the rules of people's accounts: sign-up, passwords, logins by
// password and by Google or GitHub, tokens, and what staff do with accounts and
// groups. An exported method owns its transaction; what a person may see of an error
// is a *problem.Problem.
package accounts
