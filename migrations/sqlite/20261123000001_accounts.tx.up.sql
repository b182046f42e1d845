CREATE TABLE users (
    id integer PRIMARY KEY AUTOINCREMENT,
    username varchar(150) NOT NULL,
    email varchar(254) NOT NULL,
    password varchar(255) NOT NULL,
    first_name varchar(150) NOT NULL DEFAULT '',
    last_name varchar(150) NOT NULL DEFAULT '',
    is_active boolean NOT NULL DEFAULT false,
    is_staff boolean NOT NULL DEFAULT false,
    is_superuser boolean NOT NULL DEFAULT false,
    email_verified_at timestamptz,
    disabled_at timestamptz,
    date_joined timestamptz NOT NULL,
    last_login timestamptz
);

--bun:split

CREATE UNIQUE INDEX users_username_key ON users (lower(username));

--bun:split

CREATE UNIQUE INDEX users_email_key ON users (lower(email));

--bun:split

CREATE TABLE sessions (
    id integer PRIMARY KEY AUTOINCREMENT,
    user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash char(64) NOT NULL UNIQUE,
    ip_address varchar(45) NOT NULL,
    user_agent varchar(255) NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

--bun:split

CREATE INDEX sessions_user_id_idx ON sessions (user_id);

--bun:split

CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);
