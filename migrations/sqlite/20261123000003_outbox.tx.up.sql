CREATE TABLE outbox_messages (
    id integer PRIMARY KEY AUTOINCREMENT,
    kind varchar(40) NOT NULL,
    object_id integer NOT NULL,
    message_id varchar(255) NOT NULL UNIQUE,
    status varchar(20) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    next_attempt_at timestamptz,
    queued_at timestamptz NOT NULL,
    lease_token char(32),
    lease_until timestamptz,
    error_message text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    sent_at timestamptz
);

--bun:split

CREATE INDEX outbox_messages_open_idx ON outbox_messages (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

--bun:split

CREATE INDEX outbox_messages_failed_idx ON outbox_messages (status) WHERE status = 'failed';

--bun:split

CREATE INDEX outbox_messages_object_idx ON outbox_messages (kind, object_id);

--bun:split

CREATE TABLE mail_attempts (
    id integer PRIMARY KEY AUTOINCREMENT,
    outbox_message_id integer NOT NULL REFERENCES outbox_messages (id) ON DELETE CASCADE,
    number integer NOT NULL,
    worker varchar(100) NOT NULL,
    server varchar(255) NOT NULL,
    outcome varchar(20) NOT NULL CHECK (outcome IN ('running', 'sent', 'deferred', 'refused', 'lost')),
    reply text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE (outbox_message_id, number)
);
