DROP TRIGGER outbox_messages_derive_state ON outbox_messages;

--bun:split

DROP FUNCTION outbox_messages_derive_state();

--bun:split

ALTER TABLE outbox_messages DROP COLUMN state, DROP COLUMN recipient, DROP COLUMN superseded, DROP COLUMN cancelled_at;
