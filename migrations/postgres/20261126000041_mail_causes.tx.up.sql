-- What keeps a message back, so that the mail queue tells it by cause, and the orders and
-- filters of its list.
ALTER TABLE outbox_messages ADD COLUMN cause varchar(300) NOT NULL DEFAULT '';

--bun:split

UPDATE outbox_messages SET cause = coalesce((
    SELECT CASE WHEN attempt.reply ~ '^[0-9]{3}' THEN substr(attempt.reply, 1, 3) || ' from ' ELSE 'No answer from ' END || attempt.server
    FROM mail_attempts AS attempt WHERE attempt.outbox_message_id = outbox_messages.id AND attempt.number = outbox_messages.attempts
), '') WHERE state IN ('retrying', 'failed');

--bun:split

CREATE INDEX outbox_messages_list_idx ON outbox_messages (superseded, created_at, id);

--bun:split

CREATE INDEX outbox_messages_list_state_idx ON outbox_messages (superseded, state, created_at, id);

--bun:split

CREATE INDEX outbox_messages_list_cause_idx ON outbox_messages (superseded, cause, created_at, id);
