-- The act that last changed a message, and the state in which it found one that waited:
-- what nobody has claimed since can be undone.
ALTER TABLE outbox_messages ADD COLUMN act varchar(26);

--bun:split

ALTER TABLE outbox_messages ADD COLUMN prior_state varchar(20);

--bun:split

ALTER TABLE outbox_messages ADD COLUMN prior_attempt_at timestamptz;

--bun:split

CREATE INDEX outbox_messages_act_idx ON outbox_messages (act) WHERE act IS NOT NULL;

--bun:split

-- What was typed into the form of the action that a job does.
ALTER TABLE jobs ADD COLUMN typed text;
