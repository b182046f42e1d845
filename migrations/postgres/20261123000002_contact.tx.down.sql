DROP TABLE idempotency_keys;

--bun:split

DROP TABLE contact_messages;
