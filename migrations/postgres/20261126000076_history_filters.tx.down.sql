CREATE INDEX history_entries_action_idx ON history_entries (action, at, id);

--bun:split

CREATE INDEX history_entries_model_idx ON history_entries (model, at, id);

--bun:split

CREATE INDEX history_entries_username_idx ON history_entries (username, at, id);

--bun:split

DROP INDEX history_entries_folded_action_idx;

--bun:split

DROP INDEX history_entries_folded_model_idx;

--bun:split

DROP INDEX history_entries_folded_username_idx;
