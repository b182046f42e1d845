CREATE INDEX history_entries_summary_idx ON history_entries (summary, id);

--bun:split

DROP INDEX history_entries_folded_summary_idx;

--bun:split

DROP INDEX history_entries_folded_object_label_idx;
