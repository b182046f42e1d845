// Package djangoimport brings the data of the Django program over: it reads one
// consistent snapshot of its database and writes this program's tables in one
// transaction. Every row of the source is accounted for. The rules for rows that do not
// fit are docs/migrating-from-django.md.
package djangoimport
