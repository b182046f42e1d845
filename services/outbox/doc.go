// Package outbox keeps mail as rows: a message is written in the transaction that
// causes it, and whoever wants to send it leases it. The database is the truth;
// whatever queue wakes the senders may lose everything.
package outbox
