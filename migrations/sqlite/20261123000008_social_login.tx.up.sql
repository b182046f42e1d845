CREATE TABLE social_accounts (
    id integer PRIMARY KEY AUTOINCREMENT,
    user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider varchar(20) NOT NULL,
    subject varchar(255) NOT NULL,
    email varchar(254) NOT NULL,
    created_at timestamptz NOT NULL,
    last_login timestamptz NOT NULL,
    UNIQUE (provider, subject),
    UNIQUE (user_id, provider)
);

--bun:split

CREATE TABLE one_time_codes (
    code_hash char(64) PRIMARY KEY,
    purpose varchar(20) NOT NULL,
    user_id integer REFERENCES users (id) ON DELETE CASCADE,
    provider varchar(20) NOT NULL DEFAULT '',
    subject varchar(255) NOT NULL DEFAULT '',
    email varchar(254) NOT NULL DEFAULT '',
    expires_at timestamptz NOT NULL
);

--bun:split

CREATE INDEX one_time_codes_expires_at_idx ON one_time_codes (expires_at);

--bun:split

CREATE VIEW named_social_accounts AS
SELECT s.id, u.username, s.provider, s.subject, s.email, s.created_at, s.last_login
FROM social_accounts AS s
JOIN users AS u ON u.id = s.user_id;
