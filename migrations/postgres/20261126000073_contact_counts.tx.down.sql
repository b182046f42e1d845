DROP TRIGGER contact_messages_count_insert ON contact_messages;

--bun:split

DROP TRIGGER contact_messages_count_update ON contact_messages;

--bun:split

DROP TRIGGER contact_messages_count_delete ON contact_messages;

--bun:split

DROP FUNCTION contact_messages_count;

--bun:split

DROP FUNCTION contact_messages_recount;

--bun:split

DELETE FROM row_counts WHERE subject = 'contact_messages';
