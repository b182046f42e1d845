DROP TRIGGER waitlist_entries_count_insert;

--bun:split

DROP TRIGGER waitlist_entries_count_update;

--bun:split

DROP TRIGGER waitlist_entries_count_delete;

--bun:split

DELETE FROM row_counts WHERE subject = 'waitlist_entries';
