-- An act on many rows is one entry that the others are folded into, and can be undone:
-- before and after are its columns as it found and as it left them.
ALTER TABLE history_entries ADD COLUMN folded boolean NOT NULL DEFAULT false;

--bun:split

ALTER TABLE history_entries ADD COLUMN act_rows integer NOT NULL DEFAULT 1;

--bun:split

ALTER TABLE history_entries ADD COLUMN before jsonb;

--bun:split

ALTER TABLE history_entries ADD COLUMN after jsonb;

--bun:split

ALTER TABLE history_entries ADD COLUMN undoes varchar(26);

--bun:split

UPDATE history_entries SET folded = true WHERE act IS NOT NULL
    AND id <> (SELECT min(first.id) FROM history_entries AS first WHERE first.act = history_entries.act);

--bun:split

UPDATE history_entries SET act_rows = (SELECT count(*) FROM history_entries AS other WHERE other.act = history_entries.act)
    WHERE act IS NOT NULL AND NOT folded;

--bun:split

CREATE INDEX history_entries_folded_idx ON history_entries (folded, at, id);

--bun:split

CREATE INDEX history_entries_undoes_idx ON history_entries (undoes) WHERE undoes IS NOT NULL;
