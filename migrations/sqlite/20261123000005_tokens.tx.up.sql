ALTER TABLE users ADD COLUMN token_epoch integer NOT NULL DEFAULT 0;

--bun:split

ALTER TABLE users ADD COLUMN language varchar(10) NOT NULL DEFAULT '';

--bun:split

ALTER TABLE sessions ADD COLUMN channel varchar(20) NOT NULL DEFAULT 'backoffice';

--bun:split

CREATE TABLE django_tokens (
    token_hash char(64) PRIMARY KEY,
    session_id integer NOT NULL,
    expires_at timestamptz NOT NULL
);

--bun:split

CREATE INDEX django_tokens_expires_at_idx ON django_tokens (expires_at);

--bun:split

CREATE TABLE email_changes (
    id integer PRIMARY KEY AUTOINCREMENT,
    user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    old_email varchar(254) NOT NULL,
    new_email varchar(254) NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz
);

--bun:split

CREATE INDEX email_changes_user_id_idx ON email_changes (user_id, id);
