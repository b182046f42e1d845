// Package handlerstest runs the real program for a test: the built binary as
// processes of its own, on a database, a Redis and a mail server that belong to the
// test. Tests enter by HTTP and assert on answers, rows and received mail.
//
// With TEST_REDIS_URL set the program gets a redis-server that the test may stop,
// else it embeds one. With TEST_DATABASE_URL set it runs on PostgreSQL, else on a
// SQLite file (see modelstest).
package handlerstest
