DROP TRIGGER contact_messages_count_insert;

--bun:split

DROP TRIGGER contact_messages_count_update;

--bun:split

DROP TRIGGER contact_messages_count_delete;

--bun:split

DELETE FROM row_counts WHERE subject = 'contact_messages';
