DROP INDEX outbox_messages_list_cause_idx;

--bun:split

DROP INDEX outbox_messages_list_state_idx;

--bun:split

DROP INDEX outbox_messages_list_idx;

--bun:split

ALTER TABLE outbox_messages DROP COLUMN cause;
