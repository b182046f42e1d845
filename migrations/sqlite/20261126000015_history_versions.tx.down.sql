DROP INDEX history_entries_act_idx;

--bun:split

ALTER TABLE history_entries DROP COLUMN version;

--bun:split

ALTER TABLE history_entries DROP COLUMN act;
