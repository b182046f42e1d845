-- The history leaves out by default what is folded: its filters are counted in indexes that
-- begin with that, or SQLite reads all that is not folded for each choice.
CREATE INDEX history_entries_folded_action_idx ON history_entries (folded, action, at, id);

--bun:split

CREATE INDEX history_entries_folded_model_idx ON history_entries (folded, model, at, id);

--bun:split

CREATE INDEX history_entries_folded_username_idx ON history_entries (folded, username, at, id);

--bun:split

DROP INDEX history_entries_action_idx;

--bun:split

DROP INDEX history_entries_model_idx;

--bun:split

DROP INDEX history_entries_username_idx;
