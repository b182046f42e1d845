// Package jobs keeps long work as rows: what was asked for, by whom, and how far it is.
// Workers take a job in batches under a lease, each batch and its progress in one
// transaction. What a kind of job does is handed to it in wiring.
package jobs
