-- The orders of the history without the rows of acts that are folded.
CREATE INDEX history_entries_folded_object_label_idx ON history_entries (folded, object_label, id);

--bun:split

CREATE INDEX history_entries_folded_summary_idx ON history_entries (folded, summary, id);

--bun:split

DROP INDEX history_entries_summary_idx;
