// Package workers is the only room that knows gocraft/work, Redis and SMTP. A
// promise to mail lives in the database (services.Outbox); Redis only wakes who can
// send it. New ties the parts together: the relay hands promises over, the pools
// send them, the sweeper finds what was lost on the way, and where Redis is down
// the process sends by itself.
package workers
