-- Several people may sign up with one address; each sign-up after the first stands here
-- until a key confirms one of them.
CREATE TABLE signups (
    id integer PRIMARY KEY AUTOINCREMENT,
    username varchar(150) NOT NULL,
    email varchar(254) NOT NULL,
    password varchar(255) NOT NULL,
    first_name varchar(150) NOT NULL,
    last_name varchar(150) NOT NULL,
    language varchar(10) NOT NULL,
    created_at timestamptz NOT NULL,
    user_id integer REFERENCES users (id) ON DELETE CASCADE
);

--bun:split

-- A name that is the address itself may come with each sign-up of that address.
CREATE UNIQUE INDEX signups_username_key ON signups (lower(username)) WHERE user_id IS NULL AND username NOT LIKE '%@%';

--bun:split

CREATE INDEX signups_username_idx ON signups (lower(username));

--bun:split

CREATE INDEX signups_email_idx ON signups (email, id);

--bun:split

CREATE INDEX signups_user_id_idx ON signups (user_id);
