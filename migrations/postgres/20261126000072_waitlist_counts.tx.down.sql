DROP TRIGGER waitlist_entries_count_insert ON waitlist_entries;

--bun:split

DROP TRIGGER waitlist_entries_count_update ON waitlist_entries;

--bun:split

DROP TRIGGER waitlist_entries_count_delete ON waitlist_entries;

--bun:split

DROP FUNCTION waitlist_entries_count;

--bun:split

DROP FUNCTION waitlist_counted;

--bun:split

DELETE FROM row_counts WHERE subject = 'waitlist_entries';
