-- Whose the rows are, in an index that nothing but that is looked for in: SQLite took the
-- other for the rows of a model.
CREATE INDEX trash_whose_idx ON trash (lower(json_extract(snapshot, '$.tables[0].rows[0].email')), model);

--bun:split

DROP INDEX trash_email_idx;
