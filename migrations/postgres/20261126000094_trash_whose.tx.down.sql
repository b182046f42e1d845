CREATE INDEX trash_email_idx ON trash (model, lower(snapshot #>> '{tables,0,rows,0,email}'));

--bun:split

DROP INDEX trash_whose_idx;
