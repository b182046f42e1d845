DROP INDEX history_entries_undoes_idx;

--bun:split

DROP INDEX history_entries_folded_idx;

--bun:split

ALTER TABLE history_entries DROP COLUMN undoes;

--bun:split

ALTER TABLE history_entries DROP COLUMN after;

--bun:split

ALTER TABLE history_entries DROP COLUMN before;

--bun:split

ALTER TABLE history_entries DROP COLUMN act_rows;

--bun:split

ALTER TABLE history_entries DROP COLUMN folded;
