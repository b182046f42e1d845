-- What one act did to several rows, and each row as a change left it.
ALTER TABLE history_entries ADD COLUMN act varchar(26);

--bun:split

ALTER TABLE history_entries ADD COLUMN version text;

--bun:split

CREATE INDEX history_entries_act_idx ON history_entries (act, id) WHERE act IS NOT NULL;
