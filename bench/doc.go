// Package bench measures the running program against the bare parts that it is made
// of, on one machine in one run: `make bench` prints the table. Nothing here is a
// test; the numbers of one machine say little, their ratios more.
package bench
