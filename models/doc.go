// Package models is what is stored: the columns of each table, the choices a
// column may take, what makes a value valid, and the queries that more than one
// story needs. Functions take a bun.IDB and return rows; no rule of the business
// and no HTTP lives here.
package models
