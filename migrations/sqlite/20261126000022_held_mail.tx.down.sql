ALTER TABLE jobs DROP COLUMN typed;

--bun:split

DROP INDEX outbox_messages_act_idx;

--bun:split

ALTER TABLE outbox_messages DROP COLUMN prior_attempt_at;

--bun:split

ALTER TABLE outbox_messages DROP COLUMN prior_state;

--bun:split

ALTER TABLE outbox_messages DROP COLUMN act;
