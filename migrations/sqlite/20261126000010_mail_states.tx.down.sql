DROP TRIGGER outbox_messages_derive_state;

--bun:split

DROP INDEX outbox_messages_sending_idx;

--bun:split

DROP INDEX outbox_messages_needed_idx;

--bun:split

ALTER TABLE outbox_messages DROP COLUMN state;

--bun:split

ALTER TABLE outbox_messages DROP COLUMN recipient;

--bun:split

ALTER TABLE outbox_messages DROP COLUMN superseded;

--bun:split

ALTER TABLE outbox_messages DROP COLUMN cancelled_at;
